"""Clicks by day, from the daily totals."""

from datetime import date

import frappe
from frappe.query_builder.functions import Sum
from frappe.utils import add_days, cint, cstr, getdate, today

from trackflow.analytics import access

# Visitors are new to the link or to the campaign, whichever is asked for.
UNIQUES = {"tracked_link": "unique_visitors", "campaign": "campaign_unique_visitors"}

HUMAN = "clicks"
NOT_COUNTED = ("duplicates", "bot_clicks", "prefetches", "internal_clicks", "opted_out_clicks")


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


def human_percent(number: int) -> float:
    """Return how many percent of all requests of the last ``number`` days counted, 0 without any.

    Of campaigns and links of which the user is told, see ``access.told``. Asks for no right.
    """
    total = frappe.qb.DocType("Click Daily Total")
    first = add_days(getdate(today()), 1 - number)
    sums = [Sum(total[name]) for name in (HUMAN, *NOT_COUNTED)]
    query = frappe.qb.from_(total).select(*sums).where(total.date >= first)
    rows = access.only(query, total.campaign, total.tracked_link).run()
    human, *others = map(cint, rows[0])
    return round(100 * human / (human + sum(others)), 1) if human else 0.0


def _day(day: date, counted: dict[date, tuple[int, int]]) -> dict:
    clicks, visitors = counted.get(day, (0, 0))
    return {"date": cstr(day), "clicks": clicks, "visitors": visitors}
