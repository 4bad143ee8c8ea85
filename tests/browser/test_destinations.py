"""What a manager types and TrackFlow builds from it, as Chromium's own URL parser reads both."""

import random
from typing import Any

from trackflow.domain.destinations import ascii_url, check_destination, with_parameters
from trackflow.domain.errors import Refused

PIECES = [
    *"/?&=#%+;:@!$'()*,[]{}|^`~<>\".-_ab",
    "%20",
    "%C3%BC",
    "%00",
    "%zz",
    "\u00fc",
    "\u4e2d",
    "\U0001f600",
]
HOSTS = [
    "shop.example",
    "EXAMPLE.com:8443",
    "b\u00fccher.example",
    "stra\u00dfe.example",
    "\u2603.example",
    "\uff53hop\u3002example",
    "[2001:db8::1]",
    "a_b.example.",
    "127.0.0.1:",
]
# What Chromium makes of a URL: null, or where it goes, its parameters in order, its fragment.
READ = """urls => urls.map(text => {
    let url;
    try { url = new URL(text) } catch (error) { return null }
    return [url.protocol + "//" + url.host + url.pathname, [...url.searchParams], url.hash]
})"""


def a_url(chance: random.Random) -> str:
    rest = "".join(chance.choices(PIECES, k=chance.randrange(14)))
    return (
        chance.choice(["https://", "http://", "HTTPS://"])
        + chance.choice(HOSTS)
        + chance.choice("/?#")
        + rest
    )


def some_parameters(chance: random.Random) -> dict[str, str]:
    names = chance.sample(["a", "b", "ref", "utm_source", "\u00fc", "b c"], chance.randrange(3))
    return {name: "".join(chance.choices(PIECES, k=chance.randrange(5))) for name in names}


def is_allowed(url: str) -> bool:
    try:
        return check_destination(url) == url
    except Refused:
        return False


def expected(read: list[Any], added: dict[str, str]) -> list[Any]:
    place, pairs, fragment = read
    kept = [pair for pair in pairs if pair[0] not in added]
    return [place, kept + [list(pair) for pair in added.items()], fragment]


def test_any_destination_that_a_browser_reads_is_taken_and_keeps_its_meaning(new_page):
    """5,000 addresses: Chromium finds the place, each parameter once and the fragment as they were typed."""
    chance = random.Random(20)
    cases = [(a_url(chance), some_parameters(chance)) for _ in range(5000)]
    read = new_page().evaluate(READ, [url for url, _ in cases])
    refused = [url for (url, _), known in zip(cases, read, strict=True) if known and not is_allowed(url)]
    assert refused == []

    built = [
        (ascii_url(with_parameters(url, added)), known, added)
        for (url, added), known in zip(cases, read, strict=True)
        if known
    ]
    assert len(built) > 4000
    again = new_page().evaluate(READ, [url for url, _, _ in built])
    wrong = [one for one, now in zip(built, again, strict=True) if now != expected(one[1], one[2])]
    assert wrong == []
