"""The worked example of attribution models."""

from fractions import Fraction

import pytest

from trackflow.domain.attribution import DATA_DRIVEN, RULES, Model, example

EVERY = sorted(RULES)


@pytest.mark.parametrize("model_type", EVERY)
@pytest.mark.parametrize("window_days", [90, 15, 1])
def test_what_counts_shares_everything_to_the_cent(model_type, window_days):
    lines = example.worked(Model(model_type), window_days)
    assert len(lines) == 6
    counted = [line for line in lines if line.days <= window_days]
    assert round(sum(line.amount for line in lines), 2) == (float(example.VALUE) if counted else 0)
    assert all(line.amount == 0 for line in lines if line.days > window_days or not line.source)


def test_weights_that_are_moved_move_the_example():
    ends = {"first_weight": Fraction(70), "last_weight": Fraction(10)}
    lines = example.worked(Model("Position Based", **ends), 90)
    assert (lines[0].weight, lines[-1].weight) == (70, 10)


def test_each_milestone_has_a_touch_of_its_own():
    lines = example.worked(Model("Full Path"), 90)
    assert sorted(line.weight for line in lines)[-4:] == [22.5] * 4


def test_no_two_models_give_the_same_but_those_without_findings():
    told = {
        model_type: tuple(line.weight for line in example.worked(Model(model_type), 90))
        for model_type in EVERY
        if model_type not in DATA_DRIVEN
    }
    # The last touch of the example is not direct, and a Custom model without rules is Linear.
    del told["Last Non-Direct"], told["Custom"]
    assert len(set(told.values())) == len(told)
