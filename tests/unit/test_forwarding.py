"""A visitor's query joins the destination: nothing is lost, doubled or decoded on the way."""

from urllib.parse import parse_qsl, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.destinations import OWN_PARAMETERS, ascii_url, check_destination, forward
from trackflow.domain.errors import Refused

# All that a browser leaves in a query: everything printable but what it encodes, and no "#".
IN_QUERY = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in "#\"<>'")
keys = st.sampled_from(
    ["a", "A", "b%20c", "b+c", "x[]", "%FF", "%", "utm_source", "utm%5Fsource", "tf_visitor", ""]
)
values = st.sampled_from(
    ["", "=", "=1", "=%2f", "=%2F", "=a+b", "=a%20b", "=a=b", "=%C3%BC", "=%", "=?", "={code}"]
)
pairs = st.tuples(keys, values).map("".join)
queries = st.lists(pairs, max_size=6).map("&".join) | st.text(IN_QUERY, max_size=20)
bases = st.sampled_from(
    ["https://a.example", "https://a.example/", "https://a.example/a%20b;c", "myapp://x/1"]
)
fragments = st.sampled_from(["", "#", "#top", "#/route?a=1&y#z"])
urls = st.tuples(bases, queries.map(lambda query: f"?{query}" if query else ""), fragments).map("".join)
winners = st.booleans()


def query_of(url: str) -> str:
    return url.partition("#")[0].partition("?")[2]


def pairs_of(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def key_of(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def forwardable(query: str) -> list[tuple[str, str]]:
    """What may go on, each pair once, in order."""
    return list(dict.fromkeys(pair for pair in pairs_of(query) if pair[0] not in OWN_PARAMETERS))


@given(urls, queries, winners)
def test_each_parameter_comes_from_one_side_with_all_its_values(url, query, visitor_wins):
    result = pairs_of(query_of(forward(url, query, visitor_wins=visitor_wins)))
    own, sent = pairs_of(query_of(url)), forwardable(query)
    for key in {key for key, _ in [*own, *sent]}:
        mine = [pair for pair in own if pair[0] == key]
        theirs = [pair for pair in sent if pair[0] == key]
        expected = (theirs or mine) if visitor_wins else (mine or theirs)
        assert [pair for pair in result if pair[0] == key] == expected


@given(urls, queries, winners)
def test_no_parameter_comes_from_nowhere(url, query, visitor_wins):
    result = pairs_of(query_of(forward(url, query, visitor_wins=visitor_wins)))
    assert set(result) <= set(pairs_of(query_of(url))) | set(forwardable(query))


@given(urls, queries, winners)
def test_scheme_host_path_and_fragment_stay_byte_for_byte(url, query, visitor_wins):
    changed = forward(url, query, visitor_wins=visitor_wins)
    assert changed.partition("#")[1:] == url.partition("#")[1:]
    assert changed.partition("#")[0].partition("?")[0] == url.partition("#")[0].partition("?")[0]


@given(urls, queries)
def test_where_the_link_wins_its_query_stays_byte_for_byte(url, query):
    assert query_of(forward(url, query, visitor_wins=False)).startswith(query_of(url))


@given(urls, queries)
def test_where_the_visitor_wins_what_is_not_replaced_stays_byte_for_byte(url, query):
    replaced = {key for key, _ in forwardable(query)}
    kept = [pair for pair in query_of(url).split("&") if pair and key_of(pair) not in replaced]
    result = [pair for pair in query_of(forward(url, query, visitor_wins=True)).split("&") if pair]
    assert result[: len(kept)] == kept


@given(urls, queries, winners)
def test_a_second_time_changes_no_parameter(url, query, visitor_wins):
    once = forward(url, query, visitor_wins=visitor_wins)
    assert forward(once, query, visitor_wins=visitor_wins) == once


@given(urls, st.text(st.characters(max_codepoint=0xFF), max_size=30) | st.text(max_size=30), winners)
def test_whatever_is_sent_the_header_is_printable_ascii(url, query, visitor_wins):
    changed = forward(url, query, visitor_wins=visitor_wins)
    assert changed.isascii() and changed.isprintable() and " " not in changed
    assert changed.count("#") == url.count("#")


@pytest.mark.parametrize("query", ["", "&", "&&&", "tf_visitor=v_1", "tf%5Fvisitor=v_1"])
@pytest.mark.parametrize("url", ["https://a.example", "https://a.example/?", "https://a.example/?a=1&&b#c"])
def test_nothing_to_forward_changes_nothing(url, query):
    assert forward(url, query, visitor_wins=True) == url


@pytest.mark.parametrize(
    ("url", "query", "expected"),
    [
        ("https://a.example#top", "b=1", "https://a.example?b=1#top"),
        ("https://a.example/?a=1", "b=%2f&b=2", "https://a.example/?a=1&b=%2f&b=2"),
        ("https://a.example/?a=1", "b=1&b=1&b=%31", "https://a.example/?a=1&b=1"),
        ("https://a.example/?x[]=1", "y[]=1&y[]=2", "https://a.example/?x[]=1&y[]=1&y[]=2"),
        ("https://a.example/", "q=\xc3\xbc", "https://a.example/?q=%C3%BC"),
        ("intent://x/#Intent;scheme=app;end", "a=1", "intent://x/?a=1#Intent;scheme=app;end"),
    ],
)
def test_examples(url, query, expected):
    assert forward(url, query, visitor_wins=False) == expected


# ---------------------------------------------------------------- ASCII


@given(st.text(max_size=40).map("https://shop.example/".__add__) | urls)
def test_a_destination_becomes_ascii_and_what_was_ascii_stays(url):
    try:
        check_destination(url)
    except Refused:
        return
    changed = ascii_url(url)
    assert changed.isascii()
    assert "".join(filter(str.isascii, url)) == url if changed == url else not url.isascii()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/?x[]=1&y={z}|^`", "https://a.example/?x[]=1&y={z}|^`"),
        (
            "https://b\u00fccher.example:8443?q=\u00fc%2f#\u00e9",
            "https://xn--bcher-kva.example:8443?q=%C3%BC%2f#%C3%A9",
        ),
        ("https://b\u00fccher.example", "https://xn--bcher-kva.example"),
        # Another site than strasse.example, for browsers and for whoever registered it.
        ("https://stra\u00dfe.example", "https://xn--strae-oqa.example"),
        ("https://\u2603.example", "https://xn--n3h.example"),
        ("https://shop\u3002\uff45xample", "https://shop.example"),
        ("https://a.example/\u00fc{code}", "https://a.example/%C3%BC{code}"),
        ("myapp:\u00fc", "myapp:%C3%BC"),
        ("", ""),
    ],
)
def test_hosts_become_punycode_and_the_rest_is_percent_encoded(url, expected):
    assert ascii_url(url) == expected
