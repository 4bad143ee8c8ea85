"""What the answers and pages of a short domain may carry."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.errors import Refused
from trackflow.domain.short_domains import MAX_CSS, check_css, check_headers, check_settings

any_text = st.text(st.characters(exclude_categories=()))


def refusal(check, *arguments):
    with pytest.raises(Refused) as caught:
        check(*arguments)
    return caught.value.reason


def test_headers_are_kept_without_spaces_around_them():
    assert check_headers([(" Referrer-Policy ", " no-referrer\t")]) == (("Referrer-Policy", "no-referrer"),)


@pytest.mark.parametrize(
    "name",
    ["Location", "SET-COOKIE", "content-length", "Connection", "Transfer-Encoding", "Cache-Control", "Upgrade",
     "Content-Security-Policy", "Refresh", "Retry-After"],
)  # fmt: skip
def test_headers_that_the_redirect_or_the_server_sets_are_refused(name):
    assert refusal(check_headers, [(name, "x")]) == "header_own"


@given(any_text, any_text)
def test_no_header_that_is_let_through_can_start_another_line(name, value):
    try:
        ((name, value),) = check_headers([(name, value)])
    except Refused:
        return
    assert f"{name}: {value}".isascii() and f"{name}: {value}".isprintable()
    assert ":" not in name


@pytest.mark.parametrize("value", ["", " ", "a\r\nb", "a\nb", "a\x00b", "ä", "x" * 1001])
def test_values_that_break_an_answer_are_refused(value):
    assert refusal(check_headers, [("X-Y", value)]) == "header_value"


@pytest.mark.parametrize(
    "css",
    ["</style>", "< /STYLE >", "<!-- ", "<script>", "a{}</Style\n>", "<?php"],
)
def test_css_that_could_end_its_element_is_refused(css):
    assert refusal(check_css, css) == "css_markup"


def test_css_may_compare_widths_and_be_of_some_length_only():
    css = "@media (width < 600px) and (400px <= width) { h1 > a { color: red } }"
    assert check_css(css) == css
    assert check_css("") == ""
    assert refusal(check_css, "x" * (MAX_CSS + 1)) == "css_too_long"
    assert refusal(check_css, "@Import 'x'") == "css_import"


@given(any_text)
def test_no_css_that_is_let_through_ends_its_element(css):
    with contextlib.suppress(Refused):
        assert "</" not in check_css(css)


@pytest.mark.parametrize("settings", [None, [], "x", {"x": True}, {"append_visitor_id": 1}])
def test_settings_with_other_names_or_values_are_refused(settings):
    assert refusal(check_settings, settings) == "domain_settings"


def test_settings_may_append_the_visitor_id():
    assert check_settings({"append_visitor_id": True}) == {"append_visitor_id": True}
    assert check_settings({}) == {}
