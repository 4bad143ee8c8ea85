"""Destinations: where a visitor may be sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.destinations import MAX_URL_LENGTH, check_destination
from trackflow.domain.errors import Refused

OWN = ("go.example", "Links.Example")
any_text = st.text(st.characters(exclude_categories=()))
URL_PARTS = [
    "http",
    "https",
    "://",
    ":",
    "/",
    "//",
    "@",
    "[",
    "]",
    "::1",
    "?",
    "#",
    "%",
    "a.example",
    ".",
    "r",
    "\\",
    "99999",
    "ü",
]
url_like = st.lists(st.sampled_from([*URL_PARTS, " ", "\n", "\ud800"]), max_size=9).map("".join)


def refusal(url: str) -> str:
    with pytest.raises(Refused) as caught:
        check_destination(url, OWN)
    return caught.value.reason


@given(any_text | url_like | any_text.map("https://".__add__))
def test_any_text_is_a_destination_or_refused(text):
    try:
        url = check_destination(text, OWN)
    except Refused:
        return
    assert url == text.strip()
    assert url.lower().startswith(("http://", "https://"))
    assert len(url) <= MAX_URL_LENGTH


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example",
        "https://shop.example/",
        "http://shop.example/a/b?c=d&e=%20#f",
        "HTTPS://Shop.Example/",
        "https://shop.example:8443/",
        "https://shop.example./",
        "https://b\u00fccher.example/\u00fcber?q=\u4e2d",
        "https://\u4f8b\u3048.\u30c6\u30b9\u30c8/",
        "https://xn--bcher-kva.example/",
        "https://[2001:db8::1]/",
        "https://[::1]:8080/path",
        "http://192.0.2.1:80/",
        "http://localhost:8000/app",
        "https://my_shop.example/",
        "https://shop.example/@someone",
        "https://shop.example/?mail=a@b.example",
        "https://shop.example/?next=https://other.example/r/x",
        "https://go.example/",
        "https://go.example/rabbit",
        "https://go.example/about/r/abc",
        "https://other.example/r/abc",
    ],
)
def test_a_full_web_address_is_a_destination(url):
    assert check_destination(url, OWN) == url


def test_spaces_around_an_address_are_taken_off():
    assert check_destination("  https://shop.example/ \n") == "https://shop.example/"


@pytest.mark.parametrize("url", ["", " ", "\n\t", None])
def test_a_destination_is_required(url):
    assert refusal(url) == "destination_missing"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript://shop.example/%0Aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://shop.example/",
        "mailto:a@shop.example",
        "//shop.example/",
        "/app",
        "shop",
        "shop.example",
        "shop.example:443",
        "https:shop.example",
        "https:/shop.example",
        "http",
        "?a=b",
        "#top",
    ],
)
def test_anything_but_a_full_http_address_is_refused(url):
    assert refusal(url) == "destination_scheme"


def test_the_longest_address_that_fits_is_taken_and_one_character_more_is_not():
    longest = "https://shop.example/".ljust(MAX_URL_LENGTH, "a")
    assert check_destination(longest) == longest
    assert refusal(longest + "a") == "destination_too_long"


def test_five_thousand_characters_are_refused():
    assert refusal("https://shop.example/".ljust(5_000, "a")) == "destination_too_long"


@pytest.mark.parametrize(
    "url", ["https://user:secret@shop.example/", "https://shop.example@evil.example/", "https://@a/"]
)
def test_credentials_are_refused(url):
    assert refusal(url) == "destination_credentials"


@pytest.mark.parametrize("char", [*map(chr, range(0x21)), "\x7f", "\\", "\u2028", "\u2029"])
@pytest.mark.parametrize(
    "url", ["https://shop{}.example/", "https://shop.example/a{}b", "ht{}tps://shop.example/"]
)
def test_control_characters_spaces_and_backslashes_are_refused(url, char):
    assert refusal(url.format(char)) == "destination_unsafe"


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https:///path",
        "https://?a=b",
        "https://:443/",
        "https://[::1",
        "https://::1]/",
        "https://shop.example:99999/",
        "https://shop.example:-1/",
        "https://shop.example:http/",
        "https://shop.example:\uff18\uff10/",
        "https://shop..example/",
        "https://-shop.example/",
        "https://sh%6Fp.example/",
        "https://shop<b>.example/",
        "https://evil.example\uff0fshop.example/",
        "https://" + "a" * 254 + "/",
    ],
)
def test_an_address_without_a_proper_host_is_refused(url):
    assert refusal(url) == "destination_malformed"


@pytest.mark.parametrize(
    "url",
    [
        "https://go.example/r/abc2345",
        "http://GO.example/r/abc2345",
        "https://go.example:8000/r/abc2345",
        "https://go.example./r/abc2345",
        "https://go.example/t/abc2345?x=y#z",
        "https://go.example/r",
        "https://links.example/r/abc2345",
    ],
)
def test_a_short_link_of_our_own_is_refused(url):
    assert refusal(url) == "destination_self"


@pytest.mark.parametrize(
    "url",
    [
        "https://go.example/%72/abc2345",
        "https://go.example/./r/abc2345",
        "https://go.example/x/../r/abc2345",
        "https://go.example/%2e/r/abc2345",
        "https://go\u3002\uff45xample/r/abc2345",
    ],
)
def test_a_short_link_of_our_own_in_disguise_is_refused(url):
    assert refusal(url) == "destination_self"


# Not strict: which of these urlsplit refuses depends on the release of Python.
@pytest.mark.parametrize(
    "url",
    ["https://[::1]a/", "https://a[::1]/", "https://[v1.a:b]/", "https://[not-v6]/", "https://[1.2.3.4]/"],
)
def test_brackets_that_hold_no_plain_ipv6_address_are_refused(url):
    assert refusal(url) == "destination_malformed"


def test_a_dot_is_no_host():
    assert refusal("https://./") == "destination_malformed"


def test_a_lone_surrogate_is_refused():
    assert refusal("https://shop.example/\ud800")


@pytest.mark.parametrize("url", ["x" * 5_000, "\\" * 500, "ftp://" + "x" * 500])
def test_a_refusal_never_repeats_a_long_address(url):
    with pytest.raises(Refused) as caught:
        check_destination(url)
    assert all(len(str(detail)) <= 80 for detail in caught.value.details.values())
