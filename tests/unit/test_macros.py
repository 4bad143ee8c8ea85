"""Macros: filled in once, encoded for where they stand, and nothing else is touched."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain import macros
from trackflow.domain.destinations import check_app_url, check_destination, with_parameters
from trackflow.domain.errors import Refused

texts = st.text(max_size=20)
VALUES = {"click_id": "c1", "visitor_id": "v_1", "campaign": "spring sale/2", "code": "abc"}


@given(texts)
def test_a_value_comes_out_as_it_went_in_wherever_it_stands(value):
    url = macros.fill("https://a.example/p/{code}/q?x={code}&y=1#f{code}", {"code": value})
    parts = urlsplit(url)
    shown = value.encode("utf-8", "replace").decode()
    assert [unquote(part) for part in parts.path.split("/")] == ["", "p", shown, "q"]
    assert [unquote(pair) for pair in parts.query.split("&")] == [f"x={shown}", "y=1"]
    assert unquote(parts.fragment) == f"f{shown}"


@given(st.text("{}abcdeik_l ", max_size=30))
def test_unknown_braces_stay(text):
    if not macros.found_in(text):
        assert macros.fill(text, VALUES) == text


@given(
    st.lists(st.sampled_from(["{code}", "{click_id}", "{Code}", "{", "}", "a", "{}"]), max_size=8).map(
        "".join
    )
)
def test_no_macro_is_left_and_no_value_is_read_as_one(text):
    values = dict.fromkeys(macros.NAMES, "{code}")
    assert not macros.found_in(macros.fill(text, values))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{click_id}/{visitor_id}/{campaign}/{code}", "c1/v_1/spring%20sale%2F2/abc"),
        ("{code}{code}", "abcabc"),
        ("{{code}}", "{abc}"),
        ("{CODE} {unknown} {} {", "{CODE} {unknown} {} {"),
        ("%7Bcode%7D", "%7Bcode%7D"),
    ],
)
def test_examples(text, expected):
    assert macros.fill(text, VALUES) == expected


def test_a_macro_without_a_value_becomes_nothing():
    assert macros.fill("https://a.example/?c={click_id}&d=1", {}) == "https://a.example/?c=&d=1"


def test_parameters_keep_their_macros_and_are_encoded_around_them():
    url = with_parameters("https://a.example/", {"sub id": "a b{code}&{x}"})
    assert url == "https://a.example/?sub%20id=a%20b{code}%26%7Bx%7D"


@pytest.mark.parametrize(
    "url", ["https://{code}.example/", "https://{campaign}/", "https://a.example:{code}/", "https://a.{code}"]
)
def test_a_macro_chooses_no_host(url):
    with pytest.raises(Refused) as refused:
        check_destination(url)
    assert refused.value.reason in ("destination_macro_host", "destination_malformed")


@pytest.mark.parametrize(
    "path",
    [
        "/{campaign}/x",
        "/{visitor_id}r/x",
        "/{campaign}{visitor_id}/x",
        "/x/{campaign}/r/y",
        "/x/{campaign}/../r/y",
        "/{code}",
        "//{code}/x",
    ],
)
def test_no_macro_may_turn_a_page_of_ours_into_a_short_link(path):
    with pytest.raises(Refused) as refused:
        check_destination(f"https://go.example{path}", ["go.example"])
    assert refused.value.reason == "destination_self"
    assert check_destination(f"https://shop.example{path}", ["go.example"])


@pytest.mark.parametrize("path", ["/landing/{campaign}", "/a?c={campaign}", "/#{code}", "/shop/{code}/x"])
def test_elsewhere_on_our_own_host_macros_are_welcome(path):
    assert check_destination(f"https://go.example{path}", ["go.example"])


# ---------------------------------------------------------------- addresses of apps


@pytest.mark.parametrize(
    "url",
    [
        "myapp://product/1?x={code}",
        "my-app+x.1:product",
        "MyApp://x",
        "intent://scan/#Intent;scheme=zxing;package=com.example;end",
        "market://details?id=com.example",
        "tel:+4912345",
        "https://shop.example/product/1",
        "myapp://\u00fcber",
    ],
)
def test_an_app_may_have_a_scheme_of_its_own_or_claim_a_web_address(url):
    assert check_app_url(f" {url}\n", ["go.example"]) == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("javascript:alert(1)", "app_scheme"),
        ("JavaScript:alert(1)", "app_scheme"),
        ("data:text/html,x", "app_scheme"),
        ("vbscript:x", "app_scheme"),
        ("file:///etc/passwd", "app_scheme"),
        ("blob:https://x", "app_scheme"),
        ("view-source:https://x", "app_scheme"),
        ("http://shop.example/", "app_scheme"),
        ("shop.example", "app_scheme"),
        ("//shop.example", "app_scheme"),
        ("1app://x", "app_scheme"),
        ("java\nscript:alert(1)", "destination_unsafe"),
        ("my app://x", "destination_unsafe"),
        ("", "destination_missing"),
        ("myapp://" + "x" * 3000, "destination_too_long"),
        ("https://user@shop.example/", "destination_credentials"),
        ("https://go.example/r/x", "destination_self"),
        ("intent://go.example/r/x#Intent;scheme=https;end", "destination_self"),
    ],
)
def test_what_opens_no_app_or_runs_code_is_refused(url, reason):
    with pytest.raises(Refused) as refused:
        check_app_url(url, ["go.example"])
    assert refused.value.reason == reason
