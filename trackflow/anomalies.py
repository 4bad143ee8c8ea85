"""The daily look for campaigns with unusually many or few clicks."""

from collections.abc import Iterator
from datetime import date, timedelta

import frappe
from frappe import _
from frappe.query_builder.functions import Sum
from frappe.utils import format_date, getdate, nowdate

from trackflow.domain.anomalies import DAYS, Unusual, unusual


def run() -> None:
    """Daily job: look at yesterday (site time) of each active campaign, and tell its owner what is unusual."""
    yesterday = getdate(nowdate()) - timedelta(days=1)
    for campaign, found in find(yesterday):
        _report(campaign, yesterday, found)


def find(day: date) -> Iterator[tuple[str, Unusual]]:
    """Yield the active campaigns for whom ``day`` is unusual, but for those already told so."""
    fields = ["name", "start_date", "creation", "last_unusual_day"]
    campaigns = frappe.get_all("Link Campaign", {"status": "Active"}, fields, order_by="name asc")
    clicks = _clicks(day - timedelta(days=DAYS), day)
    for campaign in campaigns:
        if campaign.last_unusual_day == day:
            continue
        before = [clicks.get((campaign.name, one), 0) for one in _days_before(day, campaign)]
        if found := unusual(clicks.get((campaign.name, day), 0), before):
            yield campaign.name, found


def _days_before(day: date, campaign: dict) -> list[date]:
    """The whole days on which the campaign ran already, the four weeks before ``day`` at most."""
    began = max(campaign.start_date or date.min, campaign.creation.date() + timedelta(days=1))
    days = [day - timedelta(days=back) for back in range(1, DAYS + 1)]
    return [one for one in days if one >= began]


def _clicks(first: date, last: date) -> dict[tuple[str, date], int]:
    """Return the clicks by people of each campaign and day."""
    table = frappe.qb.DocType("Click Daily Total")
    query = frappe.qb.from_(table).select(table.campaign, table.date, Sum(table.clicks))
    rows = query.where(table.date[first:last]).groupby(table.campaign, table.date).run()
    return {(campaign, day): int(clicks) for campaign, day, clicks in rows if campaign}


def _report(campaign: str, day: date, found: Unusual) -> None:
    """Write it into the campaign's timeline, and run what listens to ``unusual_clicks``: our Notification."""
    try:
        doc = frappe.get_doc("Link Campaign", campaign)
        doc.db_set("last_unusual_day", day, update_modified=False)
        doc.add_comment("Info", _sentence(day, found))
        doc.flags.unusual = {
            "day": day,
            "clicks": found.clicks,
            "usual": found.usual,
            "is_more": found.is_more,
        }
        doc.run_method("unusual_clicks")
    except Exception:
        frappe.db.rollback()
        frappe.log_error(f"TrackFlow: nobody could be told of the unusual clicks of {campaign}")
    # Each campaign stands on its own.
    frappe.db.commit()


def _sentence(day: date, found: Unusual) -> str:
    text = _("had {0} clicks by people on {1}, far more than the usual {2} a day")
    if not found.is_more:
        text = _("had {0} clicks by people on {1}, far fewer than the usual {2} a day")
    return text.format(found.clicks, format_date(day), round(found.usual))
