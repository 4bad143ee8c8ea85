"""W-Shaped and Full Path: credit for the touches that led to lead, deal and win."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.attribution import Milestones, Model, weights

from .builders import after, direct, touch

FIVE = [touch(name, after(days=day)) for day, name in enumerate("abcde")]
ALL = Milestones(lead_created=after(days=1.5), deal_created=after(days=3.5), won=after(days=5))
WON = after(days=5)


def percents(model_type: str, touches: list, milestones: Milestones, **known) -> list[Fraction]:
    return [100 * share for share in weights(Model(model_type, **known), touches, WON, milestones)]


def test_w_shaped_gives_30_30_30_and_10_to_the_others():
    assert percents("W-Shaped", FIVE, ALL) == [30, 30, 5, 30, 5]


def test_full_path_gives_four_times_22_5_and_10_to_the_others():
    assert percents("Full Path", FIVE, ALL) == [22.5, 22.5, 10, 22.5, 22.5]


def test_a_touch_at_the_very_moment_of_a_milestone_led_to_it():
    exact = Milestones(lead_created=after(days=1), deal_created=after(days=3), won=WON)
    assert percents("W-Shaped", FIVE, exact) == [30, 30, 5, 30, 5]


def test_a_touch_that_led_to_several_milestones_gets_the_weights_of_all():
    together = Milestones(lead_created=after(days=1.5), deal_created=after(days=1.6), won=WON)
    assert percents("W-Shaped", FIVE, together) == [30, 60, *[Fraction(10, 3)] * 3]
    first = Milestones(lead_created=after(days=0.5), deal_created=after(days=0.5), won=after(days=0.5))
    assert percents("Full Path", FIVE, first) == [90, *[2.5] * 4]


@pytest.mark.parametrize(
    ("milestones", "expected"),
    [
        (Milestones(deal_created=after(days=3.5)), [45, *[Fraction(10, 3)] * 2, 45, Fraction(10, 3)]),
        (Milestones(lead_created=after(days=-1), deal_created=after(days=3.5)), [45, *[Fraction(10, 3)] * 2, 45, Fraction(10, 3)]),
        (Milestones(), [90, *[2.5] * 4]),
    ],
    ids=["no lead", "lead before the first touch", "neither lead nor deal"],
)  # fmt: skip
def test_a_missing_milestone_leaves_its_weight_to_the_others(milestones, expected):
    assert percents("W-Shaped", FIVE, milestones) == expected


def test_an_open_deal_has_no_win_to_credit():
    still_open = Milestones(lead_created=after(days=1.5), deal_created=after(days=3.5))
    assert percents("Full Path", FIVE, still_open) == [30, 30, 5, 30, 5]


def test_without_other_touches_the_milestones_share_everything():
    two = [FIVE[0], FIVE[3]]
    assert percents("W-Shaped", two, ALL) == [Fraction(200, 3), Fraction(100, 3)]


def test_direct_touches_lead_to_no_milestone_where_others_exist():
    touches = [FIVE[0], direct("typed", after(days=1.2)), FIVE[3]]
    assert percents("W-Shaped", touches, ALL) == [Fraction(200, 3), 0, Fraction(100, 3)]


def test_weights_of_the_model_replace_the_usual_ones():
    own = tuple(map(Fraction, (50, 0, 20, 0)))
    assert percents("W-Shaped", FIVE, ALL, milestone_weights=own) == [50, 10, 10, 20, 10]


moments = st.none() | st.floats(-2, 8, allow_nan=False).map(lambda days: after(days=days))
own_weights = st.just(()) | st.tuples(*[st.integers(0, 25).map(Fraction)] * 4)


@given(
    st.sampled_from(["W-Shaped", "Full Path"]),
    st.integers(1, 5),
    st.builds(Milestones, moments, moments, moments),
    own_weights,
)
def test_weights_sum_to_exactly_1_whatever_was_reached(model_type, count, milestones, own):
    shares = weights(Model(model_type, milestone_weights=own), FIVE[:count], WON, milestones)
    assert sum(shares) == 1
    assert all(0 <= share <= 1 for share in shares)
