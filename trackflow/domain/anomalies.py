"""When a day's clicks are unusual.

The rule: a day is unusual if its clicks are further from the median of the same campaign's last 28 days than three
standard deviations, than half of that median, and than 20 clicks. The standard deviation is estimated from the
median absolute deviation (1.4826 MAD, as for a normal distribution: Rousseeuw & Croux, "Alternatives to the Median
Absolute Deviation", JASA 1993), because one earlier unusual day must not make the next one look usual.
"""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

# Four whole weeks; with fewer than two there is nothing to compare with.
DAYS, FEWEST_DAYS = 28, 14
DEVIATIONS, LEAST_SHARE, LEAST_CLICKS = 3, 0.5, 20
_NORMAL = 1.4826


class Unusual(NamedTuple):
    """A day that stands out: its clicks, and what is usual (the median)."""

    clicks: int
    usual: float

    @property
    def is_more(self) -> bool:
        return self.clicks > self.usual


def unusual(clicks: int, before: Sequence[int]) -> Unusual | None:
    """Return what is unusual about a day with ``clicks`` after days with ``before`` (days without clicks are 0)."""
    if len(before) < FEWEST_DAYS:
        return None
    usual = median(before)
    deviation = _NORMAL * median(abs(day - usual) for day in before)
    limit = max(DEVIATIONS * deviation, LEAST_SHARE * usual, LEAST_CLICKS)
    return Unusual(clicks, usual) if abs(clicks - usual) > limit else None
