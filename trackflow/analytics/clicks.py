"""Clicks, read from daily totals: never from events, of which there are many.

Only those of campaigns and links of which the user is told, see ``access.told``.
"""

from dataclasses import dataclass
from datetime import date

import frappe
from frappe.query_builder.functions import Coalesce, Sum
from frappe.utils import cint
from pypika.functions import NullIf

from trackflow.analytics import access
from trackflow.analytics.periods import Period

TOTAL = "Click Daily Total"
OTHERS = ("duplicates", "bot_clicks", "prefetches", "internal_clicks", "opted_out_clicks")
NUMBERS = ("clicks", "unique_visitors", "campaign_unique_visitors", *OTHERS)


@dataclass(frozen=True)
class Clicks:
    """How many human clicks, visitors whose first click it was, and requests that don't count."""

    clicks: int = 0
    unique_visitors: int = 0
    campaign_unique_visitors: int = 0
    duplicates: int = 0
    bot_clicks: int = 0
    prefetches: int = 0
    internal_clicks: int = 0
    opted_out_clicks: int = 0

    @property
    def left_out(self) -> int:
        return sum(getattr(self, name) for name in OTHERS)

    @property
    def requests(self) -> int:
        return self.clicks + self.left_out


def by_campaign(period: Period, campaign: str = "") -> dict[str, Clicks]:
    """Return the clicks of each campaign, "" for links without one."""
    return _sums("campaign", period, campaign=campaign)


def by_link(period: Period, campaign: str = "") -> dict[str, Clicks]:
    return _sums("tracked_link", period, campaign=campaign)


def by_source(period: Period, campaign: str = "") -> dict[str, int]:
    """Return the human clicks of each source, "" where none is known: the link's, else its campaign's, as they are now."""
    total, link, of = (frappe.qb.DocType(name) for name in (TOTAL, "Tracked Link", "Link Campaign"))
    source = Coalesce(NullIf(link.source, ""), of.source, "")
    query = (
        frappe.qb.from_(total)
        .left_join(link)
        .on(link.name == total.tracked_link)
        .left_join(of)
        .on(of.name == link.campaign)
        .select(source, Sum(total.clicks))
        .groupby(source)
    )
    query = access.only(query, total.campaign, total.tracked_link)
    if campaign:
        query = query.where(total.campaign == campaign)
    if period:
        query = query.where(period.of_dates(total.date))
    return {name: cint(number) for name, number in query.run()}


def by_day(period: Period, campaign: str = "", link: str = "") -> dict[date, Clicks]:
    """Return the clicks of each day that had any, the oldest first."""
    found = _sums("date", period, campaign=campaign, tracked_link=link)
    return dict(sorted(found.items()))


def in_all(period: Period, campaign: str = "", link: str = "") -> Clicks:
    found = _sums("", period, campaign=campaign, tracked_link=link)
    return found.get("", Clicks())


def _sums(group: str, period: Period, **only: str) -> dict:
    total = frappe.qb.DocType(TOTAL)
    query = frappe.qb.from_(total).select(*(Sum(total[name]) for name in NUMBERS))
    query = access.only(query, total.campaign, total.tracked_link)
    for fieldname, value in only.items():
        if value:
            query = query.where(total[fieldname] == value)
    if period:
        query = query.where(period.of_dates(total.date))
    if not group:
        return {"": Clicks(*map(cint, query.run()[0]))}
    # An expression, so that MariaDB reads the table as it lies and not row by row along an index.
    column = Coalesce(total.date, None) if group == "date" else Coalesce(total[group], "")
    return {row[-1]: Clicks(*map(cint, row[:-1])) for row in query.select(column).groupby(column).run()}
