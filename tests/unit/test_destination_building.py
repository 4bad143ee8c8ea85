"""From what a manager typed to what a visitor's browser is told: no parameter is lost, doubled or changed."""

from urllib.parse import parse_qsl

from hypothesis import assume, given
from hypothesis import strategies as st

from trackflow.domain.destinations import ascii_url, check_destination, forward, with_parameters
from trackflow.domain.errors import Refused

# What people paste: other letters, reserved characters in odd places, broken percent signs, empty pairs.
pieces = st.sampled_from(
    [*"/?&=#%+;:@!$'()*,[]{}|^`~<>\"", "%20", "%C3%BC", "\u00fc", "\u4e2d", "\U0001f600", "a", "b", "ref"]
)
typed = st.lists(pieces, max_size=14).map("".join)
hosts = st.sampled_from(["shop.example", "b\u00fccher.example", "shop.example:8443", "[2001:db8::1]"])
parameters = st.dictionaries(
    st.sampled_from(["a", "ref", "\u00fc", "utm_source"]), st.text(max_size=6), max_size=3
)
sent = st.lists(
    st.sampled_from(["a=1", "a=2", "ref", "ref=", "b=%C3%BC", "b=\xc3\xbc", "%61=1", "", "c=x+y"]), max_size=5
)


def pairs(url: str) -> list[tuple[str, str]]:
    query = url.partition("#")[0].partition("?")[2]
    return parse_qsl(query, keep_blank_values=True)


@given(hosts, typed, parameters, sent.map("&".join), st.booleans())
def test_every_parameter_arrives_once_and_as_it_was_meant(host, rest, added, query, visitor_wins):
    url = f"https://{host}/{rest}"
    try:
        check_destination(url)
    except Refused:
        assume(False)
    built = ascii_url(with_parameters(url, added))
    own = [pair for pair in pairs(url) if pair[0] not in added] + list(added.items())
    assert pairs(built) == own

    result = pairs(forward(built, query, visitor_wins=visitor_wins))
    theirs = list(dict.fromkeys(parse_qsl(query.replace("\xc3\xbc", "%C3%BC"), keep_blank_values=True)))
    winners, losers = (theirs, own) if visitor_wins else (own, theirs)
    named = {key for key, _ in winners}
    assert sorted(result) == sorted([*winners, *(pair for pair in losers if pair[0] not in named)])


@given(hosts, typed, parameters)
def test_what_is_told_to_a_browser_is_ascii_with_the_fragment_of_the_destination(host, rest, added):
    url = f"https://{host}/{rest}"
    try:
        check_destination(url)
    except Refused:
        assume(False)
    built = ascii_url(with_parameters(url, added))
    assert built.isascii() and built.isprintable() and " " not in built
    assert built.partition("#")[2] == ascii_url(url).partition("#")[2]
    assert built.partition("#")[0].partition("?")[0] == ascii_url(url).partition("#")[0].partition("?")[0]
