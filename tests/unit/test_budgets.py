"""How much of a budget is used, and what a campaign has cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain import budgets

money = st.none() | st.floats(min_value=0, max_value=1e12)


@pytest.mark.parametrize(
    ("budget", "spent", "expected"),
    [
        (None, 50, ""),
        (0, 50, ""),
        (100, None, ""),
        (100, 0, ""),
        (100, 79.99, "Within Budget"),
        (100, 80, "80 % Used"),
        (100, 99.99, "80 % Used"),
        (100, 100, "Used Up"),
        (100, 250, "Used Up"),
    ],
)
def test_the_state_changes_at_80_and_at_100_percent(budget, spent, expected):
    assert budgets.state(budget, spent) == expected


@given(money, money)
def test_what_was_spent_counts_before_what_was_planned(budget, spent):
    assert budgets.cost(budget, spent) == (spent or budget or 0)
