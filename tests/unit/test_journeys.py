"""Journeys of several people and several kinds of touches: each once, whatever the order they are told in."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.attribution import RULES, Milestones, Model, weights
from trackflow.domain.touchpoints import SAME_CLICK, Kind, journey

from .builders import NOON, after, direct, touch

KINDS = [kind.value for kind in Kind]


def email(name, at, link="L", **known):
    return touch(name, at, kind=Kind.EMAIL.value, link=link, **known)


def conversion(name, at, **known):
    return replace(direct(name, at), kind=Kind.CONVERSION.value, **known)


# ---------------------------------------------------------------- each touch once


def test_records_of_different_kinds_may_have_the_same_name():
    told = [touch("a"), touch("a", kind=Kind.OFFLINE.value)]
    assert len(journey(told, NOON, 30)) == 2


@pytest.mark.parametrize(("seconds", "names"), [(0, ["c"]), (10, ["c"]), (-10, ["c"]), (11, ["c", "e"])])
def test_a_click_in_an_email_that_is_there_as_a_click_on_its_link_counts_once(seconds, names):
    told = [touch("c", after(-60), link="L"), email("e", after(-60 + seconds))]
    assert sorted(one.name for one in journey(told, NOON, 30)) == names


@pytest.mark.parametrize("link", ["", "other"])
def test_a_click_in_an_email_on_another_link_is_a_touch_of_its_own(link):
    told = [touch("c", after(-60), link="L"), email("e", after(-60), link=link)]
    assert len(journey(told, NOON, 30)) == 2


# ---------------------------------------------------------------- where conversions came from


def test_a_conversion_on_the_way_came_from_the_visitors_last_touch_that_says_where_from():
    told = [
        touch("a", after(-50), source="adverts", visitor_id="v1", link="L1", campaign="C1", variant="x"),
        replace(direct("b", after(-40)), visitor_id="v1"),
        touch("c", after(-30), source="partner", visitor_id="v2", link="L2"),
        conversion("d", after(-20), visitor_id="v1"),
    ]
    *_rest, found = journey(told, NOON, 30)
    assert (found.source, found.campaign, found.link, found.variant) == ("adverts", "C1", "L1", "x")
    assert (found.name, found.kind, found.click_event) == ("d", "Conversion", "")


def test_a_conversion_that_knows_where_it_came_from_keeps_that():
    told = [
        touch("a", after(-50), visitor_id="v1"),
        conversion("d", after(-20), visitor_id="v1", source="shop"),
    ]
    assert journey(told, NOON, 30)[-1].source == "shop"


def test_a_conversion_before_any_touch_is_direct():
    assert journey([conversion("d", after(-20), visitor_id="v1")], NOON, 30)[0].is_direct


# ---------------------------------------------------------------- properties


@st.composite
def some_touches(draw):
    """Touches of three people, of all kinds, in and out of the window."""
    names = draw(st.lists(st.sampled_from("abcdefghij"), max_size=10, unique=True))
    return [
        touch(
            name,
            after(seconds=draw(st.integers(-40 * 86_400, 86_400))),
            source=draw(st.sampled_from(["", "adverts", "partner"])),
            visitor_id=draw(st.sampled_from(["v1", "v2", "v3"])),
            link=draw(st.sampled_from(["", "L", "M"])),
            kind=draw(st.sampled_from(KINDS)),
            factor=draw(st.sampled_from([1.0, 0.5, 0.1, 0.3333])),
        )
        for name in names
    ]


@given(some_touches(), st.randoms(use_true_random=False))
def test_a_journey_is_the_same_whatever_the_order_and_however_often_a_touch_is_told(told, random):
    twice = [*told, *random.sample(told, len(told) // 2)]
    random.shuffle(twice)
    found = journey(twice, NOON, 30)

    assert found == journey(told, NOON, 30)
    assert len({(one.kind, one.name) for one in found}) == len(found)
    assert found == journey(found, NOON, 30), "cut again, it stays"


@given(some_touches(), st.integers(1, 30), st.sampled_from(KINDS), st.booleans())
def test_a_touch_outside_the_window_changes_nothing(told, days, kind, is_late):
    outside = timedelta(microseconds=1) if is_late else -timedelta(days=days, microseconds=1)
    more = touch("z", NOON + outside, visitor_id="v1", link="L", kind=kind)
    assert journey([*told, more], NOON, days) == journey(told, NOON, days)


@given(some_touches(), st.sampled_from(sorted(RULES)))
def test_weights_sum_to_one_whatever_the_factors(told, model):
    touches = journey(told, NOON, 30)
    milestones = Milestones(after(days=-20), after(days=-10), NOON)
    shares = weights(Model(model), touches, NOON, milestones)

    assert sum(shares) == (1 if touches else 0)
    assert all(0 <= share <= 1 for share in shares)


# ---------------------------------------------------------------- factors


def test_a_touch_of_half_the_weight_earns_half_of_what_a_full_one_would_beside_the_others():
    told = [touch("a", after(-3)), touch("b", after(-2), factor=0.5), touch("c", after(-1))]
    assert weights(Model("Linear"), told, NOON) == [Fraction(2, 5), Fraction(1, 5), Fraction(2, 5)]
    assert weights(Model("Position Based"), told, NOON) == [Fraction(4, 9), Fraction(1, 9), Fraction(4, 9)]


@pytest.mark.parametrize("model", ["First Touch", "Last Touch"])
def test_where_one_touch_takes_all_its_factor_does_not_matter(model):
    told = [touch("a", after(-3), factor=0.2), touch("b", after(-1), factor=0.1)]
    assert sorted(weights(Model(model), told, NOON)) == [0, 1]


@given(some_touches(), st.sampled_from(sorted(RULES)))
def test_equal_factors_are_no_factors(told, model):
    touches = journey(told, NOON, 30)
    full, half = ([replace(one, factor=factor) for one in touches] for factor in (1.0, 0.5))
    assert weights(Model(model), full, NOON) == weights(Model(model), half, NOON)


def test_an_email_and_its_click_are_seconds_apart():
    assert timedelta(seconds=1) < SAME_CLICK < timedelta(minutes=1)
