"""Revenue by the month in which people came first: how long it takes until a campaign has paid."""

from collections import defaultdict
from datetime import date, datetime

import frappe
from frappe.query_builder.functions import Count, Extract, Min, Sum
from frappe.utils import flt

from trackflow.analytics import access
from trackflow.analytics.closing import closed_deals
from trackflow.analytics.conversions import LEAD
from trackflow.analytics.periods import Period
from trackflow.analytics.questions import Question
from trackflow.integrations import crm

# Later months are added up.
MONTHS = 12

Month = tuple[int, int]


def rows(question: Question) -> list[dict]:
    """Return a row for each month of first touches in the period, the oldest first.

    ``month`` is its first day; ``visitors`` first seen in it, ``leads`` that they became, ``deals`` won of people whose
    first touch was in it, their ``amount``, and ``month_0`` to ``month_12``: what was won in the same month, the
    one after, and so on; the last one is all that came later. With a campaign, amounts are its credit.
    """
    visitors, leads = _visitors(question.period), _leads(question.period)
    deals = _deals(question)
    return [
        _row(month, visitors.get(month, 0), leads.get(month, 0), deals.get(month, []))
        for month in sorted({*visitors, *leads, *deals})
    ]


def _by_month(query: "frappe.qb.Query", time: "frappe.qb.Field", period: Period) -> dict[Month, int]:
    year, month = Extract("year", time), Extract("month", time)
    query = query.select(year, month, Count("*")).groupby(year, month).where(time.isnotnull())
    if period:
        query = query.where(period.of_times(time))
    return {(int(row[0]), int(row[1])): row[2] for row in query.run()}


def _visitors(period: Period) -> dict[Month, int]:
    visitor = frappe.qb.DocType("Visitor")
    return _by_month(access.only(frappe.qb.from_(visitor), visitor.campaign), visitor.first_seen, period)


def _leads(period: Period) -> dict[Month, int]:
    visitor, conversion = frappe.qb.DocType("Visitor"), frappe.qb.DocType("Conversion")
    query = frappe.qb.from_(conversion).join(visitor).on(visitor.name == conversion.visitor)
    query = access.only(query.where(conversion.conversion_type == LEAD), visitor.campaign)
    return _by_month(query, visitor.first_seen, period)


def _deals(question: Question) -> dict[Month, list[tuple[int, float]]]:
    """Return (months from first touch to close, amount) of the deals won, by the month of the first touch."""
    if not crm.is_installed():
        return {}
    attribution, credit = frappe.qb.DocType("Deal Attribution"), frappe.qb.DocType("Deal Attribution Credit")
    deal, closed = frappe.qb.DocType("CRM Deal"), closed_deals()
    query = (
        frappe.qb.from_(attribution)
        .join(deal)
        .on(deal.name == attribution.deal_id)
        .join(closed)
        .on(closed.deal == deal.name)
        .join(credit)
        .on(credit.parent == attribution.name)
        .select(Min(deal.trackflow_first_touch_date), Min(closed.closed_at), Sum(credit.amount))
        .where((attribution.attribution_model == question.model) & (attribution.is_won == 1))
        .where(deal.trackflow_first_touch_date.isnotnull())
        .groupby(attribution.name)
    )
    query = access.only(query, credit.campaign, credit.tracked_link)
    if question.campaign:
        query = query.where(credit.campaign == question.campaign)
    if question.period:
        query = query.where(question.period.of_times(deal.trackflow_first_touch_date))
    found: dict[Month, list[tuple[int, float]]] = defaultdict(list)
    for first, closed_at, amount in query.run():
        found[first.year, first.month].append((_months(first, closed_at), flt(amount)))
    return found


def _months(first: datetime, last: datetime) -> int:
    return max(0, 12 * (last.year - first.year) + last.month - first.month)


def _row(month: Month, visitors: int, leads: int, deals: list[tuple[int, float]]) -> dict:
    by_month = dict.fromkeys(range(MONTHS + 1), 0.0)
    for months, amount in deals:
        by_month[min(months, MONTHS)] += amount
    amount = round(sum(by_month.values()), 6)
    return {
        "month": date(*month, 1),
        "visitors": visitors,
        "leads": leads,
        "deals": len(deals),
        "amount": amount,
        "amount_per_visitor": amount / visitors if visitors else None,
        **{f"month_{number}": round(one, 6) for number, one in by_month.items()},
    }
