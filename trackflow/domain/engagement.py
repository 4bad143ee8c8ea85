"""How engaged a company's people have been lately."""

from collections.abc import Iterable
from datetime import datetime

# As in a visitor's own score.
SESSION_POINTS, CLICK_POINTS, PAGE_POINTS, CONVERSION_POINTS = 5, 2, 1, 20
HALF_LIFE_DAYS = 30
HIGHEST = 100
# Older activity has less than a hundredth of its points left.
REMEMBERED_DAYS = 7 * HALF_LIFE_DAYS
_DAY_SECONDS = 86_400


def session_points(clicks: int, pages: int) -> int:
    """Return what one visit is worth: 5, and 2 for each click and 1 for each page view."""
    return SESSION_POINTS + CLICK_POINTS * clicks + PAGE_POINTS * pages


def score(activity: Iterable[tuple[datetime, float]], now: datetime) -> float:
    """Return min(100, sum of points * 2^(-age / 30 days)) over ``activity``: (when, points), in naive site time.

    Exponential decay: what was done a month ago counts half. What lies ahead of ``now`` counts as done now.
    """
    total = sum(points * 2 ** (-_age_days(at, now) / HALF_LIFE_DAYS) for at, points in activity)
    return round(min(float(HIGHEST), total), 1)


def _age_days(at: datetime, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds() / _DAY_SECONDS)
