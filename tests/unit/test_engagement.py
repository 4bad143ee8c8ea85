"""A company's engagement score: what its people did, fading by half in a month."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.engagement import HIGHEST, score, session_points

NOW = datetime(2026, 6, 1, 12)
ages = st.floats(0, 400).map(lambda days: NOW - timedelta(days=days))
activity = st.lists(st.tuples(ages, st.integers(0, 200)), max_size=20)


def test_a_visit_with_a_click_and_two_pages_is_worth_nine() -> None:
    assert session_points(1, 2) == 9


@pytest.mark.parametrize(("days", "expected"), [(0, 40), (30, 20), (60, 10), (15, 28.3)])
def test_what_was_done_a_month_ago_counts_half(days: int, expected: float) -> None:
    assert score([(NOW - timedelta(days=days), 40)], NOW) == expected


def test_nothing_done_is_nothing_and_a_click_of_the_future_is_one_of_now() -> None:
    assert score([], NOW) == 0
    assert score([(NOW + timedelta(days=300), 7)], NOW) == 7


@given(activity)
def test_it_stays_between_nothing_and_a_hundred(done: list) -> None:
    assert 0 <= score(done, NOW) <= HIGHEST


@given(activity, st.integers(1, 200))
def test_it_only_falls_while_nothing_is_done(done: list, days: int) -> None:
    assert score(done, NOW + timedelta(days=days)) <= score(done, NOW)


@given(activity, ages)
def test_more_activity_is_no_less_engagement(done: list, at: datetime) -> None:
    assert score([*done, (at, 10)], NOW) >= score(done, NOW)
