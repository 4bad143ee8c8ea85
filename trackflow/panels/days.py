"""Clicks by day, from the daily totals."""

from datetime import date

import frappe
from frappe.query_builder.functions import Sum
from frappe.utils import add_days, cint, cstr, getdate, today

# Visitors are new to the link or to the campaign, whichever is asked for.
UNIQUES = {"tracked_link": "unique_visitors", "campaign": "campaign_unique_visitors"}


def of(field: str, name: str, number: int) -> list[dict]:
    """Return ``{"date", "clicks", "visitors"}`` for each of the last ``number`` days, oldest first, in site time.

    ``field``: "tracked_link" or "campaign", ``name`` whose. Days without clicks are 0. Asks nobody for rights.
    """
    total = frappe.qb.DocType("Click Daily Total")
    first = add_days(getdate(today()), 1 - number)
    rows = (
        frappe.qb.from_(total)
        .select(total.date, Sum(total.clicks), Sum(total[UNIQUES[field]]))
        .where((total[field] == name) & (total.date >= first))
        .groupby(total.date)
    ).run()
    counted = {getdate(day): (cint(clicks), cint(visitors)) for day, clicks, visitors in rows}
    return [_day(add_days(first, offset), counted) for offset in range(number)]


def _day(day: date, counted: dict[date, tuple[int, int]]) -> dict:
    clicks, visitors = counted.get(day, (0, 0))
    return {"date": cstr(day), "clicks": clicks, "visitors": visitors}
