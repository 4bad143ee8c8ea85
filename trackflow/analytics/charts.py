"""What the charts of the workspace show, as Frappe's charts take it."""

from collections.abc import Mapping
from datetime import date

import frappe
from babel import UnknownLocaleError
from babel.dates import format_skeleton
from frappe import _
from frappe.query_builder.functions import Count, Date
from frappe.utils import add_days, format_date, getdate

from trackflow.analytics import access, clicks, credit
from trackflow.analytics.clicks import Clicks
from trackflow.analytics.periods import Period

# Names of more would not be readable below a chart; the rest is put together.
MOST_BARS = 5


def short_day(day: date) -> str:
    """Return a day as "Nov 25", in the words and the order of the user's language, so that many fit below a chart."""
    try:
        # "25. Nov." without the last dot: the labels of a month would run into each other.
        return format_skeleton("MMMd", day, locale=(frappe.local.lang or "en").replace("-", "_")).rstrip(".")
    except UnknownLocaleError:
        # As Frappe does: a site may have languages of its own.
        return format_date(day, "MM-dd")


def last_days(number: int) -> Period:
    """Return the last ``number`` days, today included, in site time."""
    today = getdate()
    return Period(add_days(today, 1 - number), today)


def clicks_by_day(period: Period, campaign: str = "") -> dict:
    """Return human clicks and new visitors of each day of ``period``; days without any are 0. {} without any click.

    A visitor is new on the day of its first click on ``campaign``, or without one on the day it was first seen.
    """
    counted = clicks.by_day(period, campaign)
    if not any(each.clicks for each in counted.values()):
        return {}
    days = _days(period)
    # The totals of links count a visitor once for each link, which is no number of visitors.
    new = (
        {day: each.campaign_unique_visitors for day, each in counted.items()}
        if campaign
        else _new_visitors(period)
    )
    return {
        "labels": [short_day(day) for day in days],
        "datasets": [
            _dataset(_("Clicks"), [counted.get(day, Clicks()).clicks for day in days]),
            _dataset(_("New Visitors"), [new.get(day, 0) for day in days]),
        ],
    }


def _new_visitors(period: Period) -> dict[date, int]:
    visitor = frappe.qb.DocType("Visitor")
    day = Date(visitor.first_seen)
    query = (
        frappe.qb.from_(visitor)
        .select(day, Count("*"))
        .where(period.of_times(visitor.first_seen))
        .groupby(day)
    )
    return {getdate(seen_on): number for seen_on, number in access.only(query, visitor.campaign).run()}


def clicks_by_source(period: Period, campaign: str = "") -> dict:
    """Return the sources of the most human clicks, and all others together; {} without any click."""
    return _most(_("Clicks"), clicks.by_source(period, campaign))


def campaigns_by_credited_value(period: Period, model: str) -> dict:
    """Return the campaigns that earned the most under ``model``, and all others together; {} if none did.

    Only those that the user may read.
    """
    earned = credit.earned(model, "campaign", period)
    return _most(_("Credited Value"), of_readable(earned))


def of_readable(earned: Mapping[credit.Key, credit.Earned]) -> dict[str, float]:
    """Return what each campaign earned that the user may read."""
    names = [campaign for campaign, _link in earned if campaign]
    if not names:
        return {}
    readable = frappe.get_list(
        "Link Campaign",
        filters={"name": ("in", names)},
        pluck="name",
        order_by="name asc",
        limit_page_length=0,
    )
    return {name: earned[(name, "")].amount for name in readable if (name, "") in earned}


def _days(period: Period) -> list[date]:
    number = (period.to_date - period.from_date).days + 1
    return [add_days(period.from_date, offset) for offset in range(number)]


def _most(name: str, amounts: Mapping[str, float]) -> dict:
    """Return bars of the largest amounts, and one of all others."""
    bars = largest(amounts)
    if not bars:
        return {}
    labels, values = zip(*bars, strict=True)
    return {"labels": list(labels), "datasets": [_dataset(name, list(values))]}


def largest(amounts: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return the largest amounts with their names, and all others together."""
    ranked = sorted(amounts.items(), key=lambda each: (-each[1], each[0]))
    bars = [(label or _("none"), amount) for label, amount in ranked[:MOST_BARS] if amount]
    others = sum(amount for _label, amount in ranked[MOST_BARS:])
    return [*bars, (_("others"), round(others, 6))] if others else bars


def _dataset(name: str, values: list) -> dict:
    return {"name": name, "values": values}
