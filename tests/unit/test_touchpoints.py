"""Touches: where a visitor came from, and the journey they make."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.links import Utm
from trackflow.domain.touchpoints import journey, origin

from .builders import NOON, after, direct, touch


@pytest.mark.parametrize(
    ("utm", "referrer", "expected"),
    [
        (Utm(source="google", medium="cpc"), "https://x.example/", ("google", "cpc")),
        (Utm(campaign="Spring"), "https://x.example/", ("", "")),
        (Utm(medium="email"), "https://x.example/", ("", "email")),
        (Utm(), "https://www.blog.example/post?a=1", ("blog.example", "referral")),
        (Utm(), "https://Blog.Example:8080/", ("blog.example", "referral")),
        (Utm(term="shoes"), "https://blog.example", ("blog.example", "referral")),
        (Utm(), "android-app://com.slack/", ("com.slack", "referral")),
        (Utm(), "", ("", "")),
        (Utm(), "not a url", ("", "")),
        (Utm(), "https://[broken", ("", "")),
    ],
)
def test_the_origin_is_the_utm_parameters_else_the_referring_host(utm, referrer, expected):
    assert origin(utm, referrer) == expected


@given(st.text())
def test_no_referrer_makes_origin_raise(referrer):
    source, medium = origin(Utm(), referrer)
    assert (medium == "referral") == bool(source)
    assert len(source) <= 140


def test_a_touch_with_neither_source_nor_campaign_is_direct():
    assert direct("a").is_direct
    assert not touch("a", source="google").is_direct
    assert not touch("a", source="", campaign="Spring").is_direct


def test_a_journey_covers_the_window_with_both_ends():
    tick = timedelta(microseconds=1)
    start = after(days=-30)
    told = [
        touch(name, at) for name, at in [("a", start - tick), ("b", start), ("c", NOON), ("d", NOON + tick)]
    ]
    assert [one.name for one in journey(told, NOON, 30)] == ["b", "c"]


def test_a_touch_told_twice_is_in_the_journey_once():
    assert journey([touch("a"), touch("b"), touch("a")], NOON, 1) == [touch("a"), touch("b")]


touches = st.lists(
    st.builds(touch, st.sampled_from("abcdefgh"), st.integers(-40, 5).map(lambda day: after(days=day))),
    unique_by=lambda one: one.name,
)


@given(touches, st.randoms(use_true_random=False))
def test_the_same_touches_always_make_the_same_journey(told, random):
    found = journey(told, NOON, 30)
    assert found == journey(random.sample(told, len(told)), NOON, 30)
    assert found == sorted(found, key=lambda one: (one.at, one.name))
    assert set(found) <= set(told)
