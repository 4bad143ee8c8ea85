"""Which days are unusual, as the rule in the module's docstring has it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.anomalies import FEWEST_DAYS, unusual

days = st.lists(st.integers(0, 10_000), min_size=FEWEST_DAYS, max_size=28)


@pytest.mark.parametrize(
    ("clicks", "before", "expected"),
    [
        (500, [100] * 28, True),
        (10, [100] * 28, True),
        (149, [100] * 28, False),  # within half of what is usual
        (22, [2] * 28, False),  # 20 clicks more are nothing
        (23, [2] * 28, True),
        (160, [60, 100, 140, 180] * 7, False),  # as it comes and goes
        (400, [60, 100, 140, 180] * 7, True),
        (0, [0] * 28, False),
        (500, [100] * 27 + [9000], True),  # an earlier outlier hides nothing
        (500, [100] * 13, False),  # too young to know
    ],
)
def test_a_day_far_from_the_median_is_unusual(clicks, before, expected):
    assert bool(unusual(clicks, before)) is expected


@given(st.integers(0, 10_000), days, st.randoms())
def test_the_order_of_the_days_before_does_not_matter(clicks, before, chance):
    shuffled = list(before)
    chance.shuffle(shuffled)
    assert unusual(clicks, before) == unusual(clicks, shuffled)


@given(days)
def test_the_usual_is_never_unusual_and_what_is_more_is_called_more(before):
    found = unusual(max(before) * 3 + 100, before)
    assert found is None or found.is_more
    assert (
        unusual(sorted(before)[len(before) // 2], sorted([*before, sorted(before)[len(before) // 2]])) is None
    )
