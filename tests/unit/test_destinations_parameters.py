"""Parameters get into a destination once, and leave the rest of it as it was typed."""

from urllib.parse import parse_qsl, unquote_plus, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.destinations import with_parameters

URL = "https://shop.example/a%20b"
keys = st.sampled_from(["utm_source", "utm_medium", "tf_visitor", "a b", "\u00fc", "x[]", "%41"])
values = st.text(max_size=20)
parameters = st.dictionaries(keys, values, max_size=5)

raw_keys = st.sampled_from(["a", "b%20c", "B", "utm%5Fsource", "utm_source", "%FF", "x[]", "\u00fc"])
raw_pairs = st.tuples(raw_keys, st.sampled_from(["", "=", "=1", "=%2f", "=%2F", "=a+b", "=a=b", "=\u00fc"]))
queries = st.lists(raw_pairs.map("".join), max_size=6).map("&".join)
fragments = st.sampled_from(["", "#", "#top", "#/route?utm_source=x&y#z"])
urls = st.tuples(queries.map(lambda query: f"?{query}" if query else ""), fragments).map(
    lambda parts: URL + "".join(parts)
)


def query_of(url: str) -> str:
    return url.partition("#")[0].partition("?")[2]


def key_of(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


@given(urls, parameters)
def test_each_parameter_is_there_exactly_once_with_its_value(url, wanted):
    found = parse_qsl(query_of(with_parameters(url, wanted)), keep_blank_values=True)
    assert [pair for pair in found if pair[0] in wanted] == list(wanted.items())


@given(urls, parameters)
def test_every_other_parameter_stays_byte_for_byte_in_its_order(url, wanted):
    before = [pair for pair in query_of(url).split("&") if pair and key_of(pair) not in wanted]
    after = [pair for pair in query_of(with_parameters(url, wanted)).split("&") if pair]
    assert after[: len(after) - len(wanted)] == before


@given(urls, parameters)
def test_path_and_fragment_stay_as_they_were(url, wanted):
    changed = with_parameters(url, wanted)
    assert changed.partition("#")[1:] == url.partition("#")[1:]
    assert changed.partition("#")[0].partition("?")[0] == URL


@given(urls, parameters)
def test_a_second_time_changes_nothing(url, wanted):
    once = with_parameters(url, wanted)
    assert with_parameters(once, wanted) == once


@given(urls)
def test_no_parameters_leave_the_address_alone(url):
    assert with_parameters(url, {}) == url


@given(urls, parameters)
def test_what_is_added_is_plain_ascii_that_ends_no_header(url, wanted):
    added = with_parameters(URL, wanted)[len(URL) :]
    assert added.isascii() and added.isprintable() and " " not in added


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example", "https://a.example?utm_source=x%26y"),
        ("https://a.example/?", "https://a.example/?utm_source=x%26y"),
        ("https://a.example/?b=1", "https://a.example/?b=1&utm_source=x%26y"),
        ("https://a.example/?utm_source=old&b=1", "https://a.example/?b=1&utm_source=x%26y"),
        ("https://a.example/?utm%5Fsource=old", "https://a.example/?utm_source=x%26y"),
        ("https://a.example/?utm_source=1&utm_source=2", "https://a.example/?utm_source=x%26y"),
        ("https://a.example/?utm_source", "https://a.example/?utm_source=x%26y"),
        ("https://a.example/?UTM_SOURCE=1", "https://a.example/?UTM_SOURCE=1&utm_source=x%26y"),
        ("https://a.example/#b?c=1", "https://a.example/?utm_source=x%26y#b?c=1"),
    ],
)
def test_a_parameter_replaces_its_older_self(url, expected):
    assert with_parameters(url, {"utm_source": "x&y"}) == expected


def test_a_number_is_a_value_too():
    assert urlsplit(with_parameters(URL, {"n": 5})).query == "n=5"


def test_an_empty_pair_stays_as_it_was_typed():
    assert with_parameters(f"{URL}?a&&b", {"c": "1"}) == f"{URL}?a&&b&c=1"


@pytest.mark.parametrize("wanted", [{"a": "\ud800"}, {"\ud800": "a"}])
def test_a_lone_surrogate_in_a_parameter_is_no_trouble(wanted):
    assert with_parameters(URL, wanted).isascii()
