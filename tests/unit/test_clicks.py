"""Clicks: what is cropped, and the verdict."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.clicks import (
    DUPLICATE_WINDOW,
    Ruling,
    Verdict,
    crop,
    judge,
    judge_request,
    prefetch_reason,
)

from .builders import CHROME, GOOGLEBOT, NOON, after, click

any_text = st.text(st.characters(exclude_categories=()), max_size=200)
TICK = timedelta(microseconds=1)


@given(st.none() | any_text, st.integers(0, 100))
def test_crop_gives_at_most_so_many_printable_characters(text, longest):
    cropped = crop(text, longest)
    assert len(cropped) <= longest
    assert cropped.isprintable()
    assert cropped.encode("utf-8").decode("utf-8") == cropped


@given(any_text, st.integers(0, 100))
def test_cropping_twice_is_cropping_once(text, longest):
    assert crop(crop(text, longest), longest) == crop(text, longest)


@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=50))
def test_crop_leaves_an_ordinary_text_alone(text):
    assert crop(text, 50) == text


@pytest.mark.parametrize(
    ("text", "cropped"),
    [
        (None, ""),
        ("", ""),
        ("abcdef", "abcde"),
        ("a\x00b\r\nc\td", "abcd"),
        ("a\ud800b", "a?b"),
        ("a\u202eb", "ab"),
        ("\U0001f600" * 9, "\U0001f600" * 5),
        ("\u00e4\u00f6\u00fc \u4e2d", "\u00e4\u00f6\u00fc \u4e2d"),
    ],
)
def test_crop_drops_what_a_database_or_a_reader_chokes_on(text, cropped):
    assert crop(text, 5) == cropped


@pytest.mark.parametrize("header", ["Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"])
@pytest.mark.parametrize("value", ["prefetch", "prefetch;prerender", "Prefetch", "preview", "prerender"])
def test_a_prefetch_is_recognised_and_its_header_named(header, value):
    assert prefetch_reason({header: value}) == f"{header}: {value}"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Purpose": ""},
        {"Purpose": "navigate"},
        {"User-Agent": "prefetch"},
        {"Sec-Fetch-Dest": "preview"},
    ],
)
def test_an_ordinary_request_is_no_prefetch(headers):
    assert prefetch_reason(headers) == ""


@given(any_text)
def test_the_reason_of_a_prefetch_is_short_and_printable(value):
    reason = prefetch_reason({"Sec-Purpose": f"prefetch{value}"})
    assert reason.isprintable() and len(reason) <= 140


@pytest.mark.parametrize(
    ("prefetch", "opted_out", "internal", "expected"),
    [
        ("", False, False, None),
        ("Purpose: prefetch", True, True, Verdict.PREFETCH),
        ("", True, True, Verdict.OPTED_OUT),
        ("", False, True, Verdict.INTERNAL),
    ],
)
def test_the_request_alone_is_judged_in_order(prefetch, opted_out, internal, expected):
    ruling = judge_request(prefetch=prefetch, opted_out=opted_out, internal=internal)
    assert (ruling.verdict if ruling else None) is expected


RULED = Ruling(Verdict.INTERNAL, "address in an internal range")


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"ruling": RULED, "user_agent": GOOGLEBOT}, Verdict.INTERNAL),
        ({"ruling": RULED, "user_agent": ""}, Verdict.INTERNAL),
        ({"user_agent": GOOGLEBOT}, Verdict.BOT),
        ({"user_agent": ""}, Verdict.BOT),
        ({"user_agent": CHROME}, Verdict.DUPLICATE),
    ],
)
def test_an_earlier_rule_beats_a_later_one(known, expected):
    assert judge(click("a", **known), NOON).verdict is expected


def test_a_browser_that_was_not_there_before_is_human():
    assert judge(click("a"), None) == Ruling(Verdict.HUMAN, "")


@given(st.builds(lambda seconds: after(seconds), st.integers(-100, 100)))
def test_every_verdict_but_human_has_a_reason(last):
    for known in ({}, {"user_agent": ""}, {"user_agent": GOOGLEBOT}, {"ruling": RULED}):
        ruling = judge(click("a", **known), last)
        assert bool(ruling.reason) == (ruling.verdict is not Verdict.HUMAN)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, Verdict.DUPLICATE),
        (9.999, Verdict.DUPLICATE),
        (10, Verdict.HUMAN),
        (10.001, Verdict.HUMAN),
        (-9.999, Verdict.DUPLICATE),
        (-10, Verdict.HUMAN),
    ],
)
def test_a_second_click_within_10_seconds_is_a_duplicate_early_or_late(seconds, expected):
    assert judge(click("a", after(seconds)), NOON).verdict is expected


def test_the_duplicate_window_is_open_at_its_end():
    assert judge(click("a", NOON + DUPLICATE_WINDOW - TICK), NOON).verdict is Verdict.DUPLICATE
    assert judge(click("a", NOON + DUPLICATE_WINDOW), NOON).verdict is Verdict.HUMAN
