"""Attribution models: who gets which part of the credit."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.attribution import RULES, Model, weights
from trackflow.domain.errors import Refused
from trackflow.domain.touchpoints import Touch, journey

from .builders import after, direct, touch

MODELS = sorted(RULES)
CONVERSION = after(days=30)

every_model = pytest.mark.parametrize("model_type", MODELS)
percents = st.integers(0, 100).map(Fraction)
models = st.builds(
    Model,
    model_type=st.sampled_from(MODELS),
    half_life_days=st.integers(0, 400),
    first_weight=percents,
    last_weight=percents,
)


def journey_of(ages_and_sources: list[tuple[float, str]]) -> list[Touch]:
    """Touches by age in days before the conversion, oldest first."""
    ordered = sorted(ages_and_sources, key=lambda pair: -pair[0])
    return [touch(f"t{i}", after(days=30 - age), source=source) for i, (age, source) in enumerate(ordered)]


def journeys(sources: st.SearchStrategy[str], min_size: int = 1) -> st.SearchStrategy[list[Touch]]:
    ages = st.floats(0, 5_000, allow_nan=False)
    return st.lists(st.tuples(ages, sources), min_size=min_size, max_size=12).map(journey_of)


mixed_journeys = journeys(st.sampled_from(["", "google", "newsletter"]))


def test_all_models_of_the_design_are_there():
    assert set(MODELS) == {
        "First Touch",
        "Last Touch",
        "Last Non-Direct",
        "Linear",
        "Time Decay",
        "Position Based",
        "W-Shaped",
        "Full Path",
        "Custom",
        "Data-Driven Markov",
        "Data-Driven Shapley",
    }


@given(models, mixed_journeys, st.integers(1, 400), st.floats(0.001, 400), st.booleans())
def test_a_touch_outside_the_window_changes_nothing(model, touches, window, distance, is_late):
    moment = (
        CONVERSION + timedelta(days=distance) if is_late else CONVERSION - timedelta(days=window + distance)
    )
    within = journey(touches, CONVERSION, window)
    with_another = journey([*touches, touch("outside", moment, source="google")], CONVERSION, window)
    assert weights(model, with_another, CONVERSION) == weights(model, within, CONVERSION)


@given(models, mixed_journeys)
def test_weights_lie_between_0_and_1_and_sum_to_exactly_1(model, touches):
    shares = weights(model, touches, CONVERSION)
    assert len(shares) == len(touches)
    assert all(isinstance(share, Fraction) and 0 <= share <= 1 for share in shares)
    assert sum(shares) == 1


@given(models, mixed_journeys)
def test_direct_gets_credit_only_if_all_touches_are_direct(model, touches):
    shares = weights(model, touches, CONVERSION)
    direct_credit = sum(share for share, one in zip(shares, touches, strict=True) if one.is_direct)
    assert direct_credit == (1 if all(one.is_direct for one in touches) else 0)


@given(models, mixed_journeys)
def test_direct_touches_change_nothing_for_the_others(model, touches):
    others = [one for one in touches if not one.is_direct] or touches
    shares = dict(zip(touches, weights(model, touches, CONVERSION), strict=True))
    assert [shares[one] for one in others] == weights(model, others, CONVERSION)


@given(models, journeys(st.just("google"), min_size=1))
def test_the_same_input_gives_the_same_output(model, touches):
    assert weights(model, touches, CONVERSION) == weights(model, list(touches), CONVERSION)


@given(models, st.sampled_from(["", "google"]))
def test_a_single_touch_gets_everything(model, source):
    assert weights(model, [touch("only", source=source)], CONVERSION) == [1]


@every_model
def test_no_touches_get_no_weights(model_type):
    assert weights(Model(model_type), [], CONVERSION) == []


@pytest.mark.parametrize("model_type", ["", "linear", "Bogus"])
def test_an_unknown_model_is_refused(model_type):
    with pytest.raises(Refused) as refusal:
        weights(Model(model_type), [touch("a")], CONVERSION)
    assert refusal.value.reason == "model_type"


FOUR = [touch(name, after(days=day)) for day, name in enumerate("abcd")]


@pytest.mark.parametrize(
    ("model_type", "expected"),
    [
        ("First Touch", [1, 0, 0, 0]),
        ("Last Touch", [0, 0, 0, 1]),
        ("Last Non-Direct", [0, 0, 0, 1]),
        ("Linear", [Fraction(1, 4)] * 4),
        ("Position Based", [Fraction(2, 5), Fraction(1, 10), Fraction(1, 10), Fraction(2, 5)]),
    ],
)
def test_four_touches_share_as_the_model_says(model_type, expected):
    assert weights(Model(model_type), FOUR, CONVERSION) == expected


def test_last_non_direct_passes_over_a_direct_visit_at_the_end():
    touches = [touch("ad", after(days=1)), touch("mail", after(days=2)), direct("typed", after(days=3))]
    assert weights(Model("Last Non-Direct"), touches, CONVERSION) == [0, 1, 0]


def test_a_campaign_without_a_source_is_not_direct():
    touches = [touch("ad", source="", campaign="Spring"), direct("typed", after(days=1))]
    assert weights(Model("Last Touch"), touches, CONVERSION) == [1, 0]


@given(journeys(st.just("google")), st.randoms(use_true_random=False))
def test_linear_does_not_care_about_the_order(touches, random):
    shuffled = random.sample(touches, len(touches))
    model = Model("Linear")
    assert weights(model, shuffled, CONVERSION) == weights(model, touches, CONVERSION)
    assert set(weights(model, touches, CONVERSION)) == {Fraction(1, len(touches))}


def test_time_decay_halves_with_every_half_life():
    """Ages 14, 7 and 0 days with a half-life of 7: 1/4, 1/2 and 1 of 7/4."""
    touches = journey_of([(14, "ad"), (7, "mail"), (0, "ad")])
    assert weights(Model("Time Decay"), touches, CONVERSION) == [
        Fraction(1, 7),
        Fraction(2, 7),
        Fraction(4, 7),
    ]


def test_time_decay_takes_the_half_life_of_the_model():
    touches = journey_of([(30, "ad"), (0, "mail")])
    assert weights(Model("Time Decay", half_life_days=30), touches, CONVERSION) == [
        Fraction(1, 3),
        Fraction(2, 3),
    ]


@given(journeys(st.just("google"), min_size=2), st.integers(1, 60))
def test_time_decay_never_gives_an_older_touch_more(touches, half_life):
    shares = weights(Model("Time Decay", half_life_days=half_life), touches, CONVERSION)
    assert shares == sorted(shares)


def test_time_decay_stands_touches_thousands_of_half_lives_old():
    shares = weights(
        Model("Time Decay", half_life_days=1), journey_of([(9_000, "a"), (8_999, "a")]), CONVERSION
    )
    assert shares == [Fraction(1, 3), Fraction(2, 3)]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (40, 40, [Fraction(1, 2), Fraction(1, 2)]),
        (30, 10, [Fraction(3, 4), Fraction(1, 4)]),
        (0, 0, [Fraction(1, 2), Fraction(1, 2)]),
        (100, 0, [1, 0]),
    ],
)
def test_position_based_normalises_the_two_ends_of_two_touches(first, last, expected):
    model = Model("Position Based", first_weight=Fraction(first), last_weight=Fraction(last))
    assert weights(model, FOUR[:2], CONVERSION) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (40, 40, [Fraction(2, 5), Fraction(1, 5), Fraction(2, 5)]),
        (0, 0, [0, 1, 0]),
        (50, 50, [Fraction(1, 2), 0, Fraction(1, 2)]),
        (90, 90, [Fraction(1, 2), 0, Fraction(1, 2)]),
    ],
)
def test_position_based_gives_the_middle_what_the_ends_leave(first, last, expected):
    model = Model("Position Based", first_weight=Fraction(first), last_weight=Fraction(last))
    assert weights(model, FOUR[:3], CONVERSION) == expected
