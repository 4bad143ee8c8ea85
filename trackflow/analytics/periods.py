"""The days that a question is about."""

from dataclasses import dataclass
from datetime import date

import frappe
from frappe import _
from frappe.utils import add_days, getdate


@dataclass(frozen=True)
class Period:
    """From one day to another, both included, in site time. None: no limit on that side."""

    from_date: date | None = None
    to_date: date | None = None

    def __bool__(self) -> bool:
        return bool(self.from_date or self.to_date)

    def before(self) -> "Period | None":
        """Return the period of as many days that ends the day before this one begins, None without limits."""
        if not (self.from_date and self.to_date):
            return None
        days = (self.to_date - self.from_date).days + 1
        return Period(add_days(self.from_date, -days), add_days(self.from_date, -1))

    def ends(self) -> list[str | None]:
        """Return the first and the last day as 2026-01-31, None where there is no limit."""
        return [str(day) if day else None for day in (self.from_date, self.to_date)]

    def of_dates(self, field: "frappe.qb.Field") -> "frappe.qb.Criterion | None":
        """Return the condition that a date lies in the period, None without limits."""
        return both(
            field >= self.from_date if self.from_date else None,
            field <= self.to_date if self.to_date else None,
        )

    def of_times(self, field: "frappe.qb.Field") -> "frappe.qb.Criterion | None":
        """As ``of_dates``, for a field with a time."""
        return both(
            field >= self.from_date if self.from_date else None,
            field < add_days(self.to_date, 1) if self.to_date else None,
        )


def both(
    one: "frappe.qb.Criterion | None", other: "frappe.qb.Criterion | None"
) -> "frappe.qb.Criterion | None":
    """Return the condition that two hold, each of which may be None."""
    return one & other if one and other else one or other


def parse(from_date: str | date | None, to_date: str | date | None) -> Period:
    """Return the period, both days included. Raises ValidationError for what is no date, or the wrong way round."""
    period = Period(_day(from_date), _day(to_date))
    if period.from_date and period.to_date and period.from_date > period.to_date:
        frappe.throw(_("From Date is later than To Date. Change one of the two."))
    return period


def _day(text: str | date | None) -> date | None:
    try:
        return getdate(text) if text else None
    except (ValueError, frappe.ValidationError):
        frappe.throw(_("{0} is no date. Enter one like 2026-01-31.").format(frappe.bold(str(text))))
