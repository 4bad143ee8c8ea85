"""A campaign's status follows its dates, and its plan is arithmetic."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.campaigns import expected_revenue, status_on

TODAY = date(2026, 5, 20)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
DATES = st.one_of(st.none(), st.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days)))
STATUSES = st.sampled_from(["Draft", "Active", "Paused", "Completed"])


@pytest.mark.parametrize(
    ("status", "start", "end", "expected"),
    [
        ("Active", TOMORROW, None, "Draft"),
        ("Draft", TOMORROW, None, "Draft"),
        ("Draft", TODAY, None, "Active"),
        ("Active", None, TODAY, "Active"),
        ("Active", None, YESTERDAY, "Completed"),
        ("Draft", None, YESTERDAY, "Completed"),
        ("Draft", None, TOMORROW, "Draft"),
        ("Active", None, None, "Active"),
        ("Paused", YESTERDAY, YESTERDAY, "Paused"),
        ("Paused", TOMORROW, None, "Paused"),
        ("Completed", YESTERDAY, TOMORROW, "Completed"),
    ],
)
def test_status_follows_the_dates_both_included(status, start, end, expected):
    assert status_on(TODAY, status, start, end) == expected


@pytest.mark.parametrize(
    ("start", "expected"), [(YESTERDAY, "Active"), (None, "Active"), (TOMORROW, "Draft")]
)
def test_changed_dates_reopen_a_completed_campaign(start, expected):
    assert status_on(TODAY, "Completed", start, TOMORROW, dates_changed=True) == expected


@given(STATUSES, DATES, DATES)
def test_a_status_that_was_followed_once_stays_the_same_day(status, start, end):
    once = status_on(TODAY, status, start, end)
    assert status_on(TODAY, once, start, end) == once


@given(STATUSES, DATES, DATES, st.lists(st.integers(-5, 5), max_size=4).map(sorted))
def test_days_that_were_missed_do_not_change_where_a_campaign_stands(status, start, end, days):
    followed = status
    for day in days:
        followed = status_on(TODAY + timedelta(days=day), followed, start, end)
    last = TODAY + timedelta(days=5)
    assert status_on(last, followed, start, end) == status_on(last, status, start, end)


@pytest.mark.parametrize(
    ("budget", "roi", "expected"),
    [
        (1000, 250, "3500.00"),
        (99.99, 12.5, "112.49"),
        (1000, -20, "800.00"),
        (0, 100, "0"),
        (1000, None, "0"),
    ],
)
def test_expected_revenue_earns_the_expected_roi(budget, roi, expected):
    assert expected_revenue(budget, roi) == Decimal(expected)
