"""A campaign's status, and what it plans to earn."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

DRAFT, ACTIVE, PAUSED, COMPLETED = "Draft", "Active", "Paused", "Completed"


def status_on(
    day: date, status: str, start: date | None, end: date | None, *, dates_changed: bool = False
) -> str:
    """Return the status that follows from ``status`` and the campaign's dates (both included) on ``day``.

    A campaign is Draft before its start, Active from then on, Completed after its end. Paused stays until
    somebody changes it, and so does a Draft without a start. Completed before its end was set by hand and stays
    too, unless the dates have just been changed (``dates_changed``): that reopens it.
    """
    if status == PAUSED:
        return PAUSED
    if end and end < day:
        return COMPLETED
    if status == COMPLETED and not dates_changed:
        return COMPLETED
    if start and day < start:
        return DRAFT
    return DRAFT if status == DRAFT and not start else ACTIVE


def expected_revenue(budget: float | None, expected_roi: float | None) -> Decimal:
    """Return what must come in for ``expected_roi`` percent on ``budget``: budget * (1 + ROI / 100), to the cent.

    The return on investment is (revenue - budget) / budget. 0 where either is missing.
    """
    if not budget or not expected_roi:
        return Decimal(0)
    factor = 1 + Decimal(str(expected_roi)) / 100
    return (Decimal(str(budget)) * factor).quantize(Decimal("0.01"), ROUND_HALF_UP)
