"""Clicks and new visitors over the days of a period, for the chart of the dashboard."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import frappe
from frappe.query_builder.functions import Coalesce, Count, Date, Sum
from frappe.utils import cint, getdate

from trackflow.analytics import access, clicks
from trackflow.analytics.periods import Period
from trackflow.analytics.questions import Question

if TYPE_CHECKING:
    from trackflow.analytics.dashboard import Origin, Origins

# More bars than these can't be told apart.
MOST_DAYS, MOST_WEEKS = 92, 92 * 7


def rows(question: Question, origins: "Origins", is_kept: Callable[["Origin"], bool]) -> list[dict]:
    """Return [{date, clicks, visitors}] of the origins that are kept, oldest first, those with nothing as 0.

    Each stands for a day, in longer periods for the week from that Monday on, or the month from that first.
    """
    clicked = _clicks(question.period, origins, is_kept)
    came = _visitors(question.period, origins, is_kept)
    days = [*clicked, *came]
    if not days:
        return []
    first, last = question.period.from_date or min(days), question.period.to_date or max(days)
    start = _bucket((last - first).days + 1)
    starts = dict.fromkeys(start(first + timedelta(days=day)) for day in range((last - first).days + 1))
    clicked, came = _in_buckets(clicked, start), _in_buckets(came, start)
    return [{"date": day, "clicks": clicked[day], "visitors": came[day]} for day in starts]


def _clicks(period: Period, origins: "Origins", is_kept: Callable[["Origin"], bool]) -> Counter[date]:
    total = frappe.qb.DocType(clicks.TOTAL)
    group = (total.date, Coalesce(total.tracked_link, ""), Coalesce(total.campaign, ""))
    query = frappe.qb.from_(total).select(*group, Sum(total.clicks)).groupby(*group)
    query = access.only(query, total.campaign, total.tracked_link)
    if period:
        query = query.where(period.of_dates(total.date))
    counted: Counter[date] = Counter()
    for day, link, campaign, number in query.run():
        if is_kept(origins.of_link(link, campaign)):
            counted[day] += cint(number)
    return counted


def _visitors(period: Period, origins: "Origins", is_kept: Callable[["Origin"], bool]) -> Counter[date]:
    visitor = frappe.qb.DocType("Visitor")
    origin = [Coalesce(visitor[name], "") for name in ("source", "medium", "campaign")]
    group = (Date(visitor.first_seen), *origin)
    query = frappe.qb.from_(visitor).select(*group, Count("*")).groupby(*group)
    query = access.only(query.where(visitor.first_seen.isnotnull()), visitor.campaign)
    if period:
        query = query.where(period.of_times(visitor.first_seen))
    counted: Counter[date] = Counter()
    for day, source, medium, campaign, number in query.run():
        if is_kept(origins.of(source, medium, campaign)):
            counted[getdate(day)] += number
    return counted


def _bucket(days: int) -> Callable[[date], date]:
    """Return what makes of a day the one that stands for it, in a period of that many days."""
    if days <= MOST_DAYS:
        return lambda day: day
    if days <= MOST_WEEKS:
        return lambda day: day - timedelta(days=day.weekday())
    return lambda day: day.replace(day=1)


def _in_buckets(counted: Counter[date], start: Callable[[date], date]) -> Counter[date]:
    found: Counter[date] = Counter()
    for day, number in counted.items():
        found[start(day)] += number
    return found
