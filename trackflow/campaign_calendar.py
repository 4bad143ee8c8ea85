"""Campaigns as bars in a calendar, and what moving or stretching a bar means."""

from datetime import date

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, getdate

CAMPAIGN = "Link Campaign"
FIELDS = ("name", "status", "start_date", "end_date")


def between(start: str, end: str, filters: list) -> list[dict]:
    """Return ``{"name", "title", "status", "start_date", "end_date", ...}`` of the campaigns in these days.

    Only those that the user may read and ``filters`` (of a list) let through. One that runs without an end reaches to
    the last day that is shown, and one with one date only is that day; those without dates are not there.
    """
    first, last = getdate(start), getdate(end)
    found = frappe.get_list(
        CAMPAIGN,
        filters=filters,
        fields=list(FIELDS),
        order_by="start_date asc, name asc",
        limit_page_length=0,
    )
    drawn = [
        (campaign, *_days(campaign, last)) for campaign in found if campaign.start_date or campaign.end_date
    ]
    return [_bar(campaign, begin, stop) for campaign, begin, stop in drawn if begin <= last and stop >= first]


def move(campaign: Document, days: int) -> None:
    """Put its dates off by ``days``, and save."""
    for field in ("start_date", "end_date"):
        if campaign.get(field):
            campaign.set(field, add_days(getdate(campaign.get(field)), days))
    campaign.save()


def end_on(campaign: Document, day: str) -> None:
    campaign.end_date = getdate(day)
    campaign.save()


def _days(campaign: dict, last: date) -> tuple[date, date]:
    begin = campaign.start_date or campaign.end_date
    if campaign.end_date:
        return begin, campaign.end_date
    is_over = campaign.status == "Completed"
    return begin, begin if is_over else max(begin, last)


def _bar(campaign: dict, begin: date, stop: date) -> dict:
    is_plain = campaign.status == "Active"
    title = campaign.name if is_plain else f"{campaign.name} ({_(campaign.status)})"
    shown = {"title": title, "start_date": begin, "end_date": stop, "all_day": 1, "convert_to_user_tz": 0}
    return {"name": campaign.name, "status": campaign.status, **shown}
