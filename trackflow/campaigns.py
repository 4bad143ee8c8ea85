"""Campaigns over time: their status follows their dates, and links pause and go on with them."""

import frappe
from frappe.utils import getdate, nowdate

from trackflow import links
from trackflow.domain.campaigns import COMPLETED, PAUSED, status_on


def status_of(campaign: "frappe.model.document.Document", *, dates_changed: bool = False) -> str:
    """Return the status that a campaign's dates call for today (site time)."""
    start, end = (getdate(day) if day else None for day in (campaign.start_date, campaign.end_date))
    return status_on(getdate(nowdate()), campaign.status, start, end, dates_changed=dates_changed)


def follow_dates() -> None:
    """Hourly job: bring the status of all campaigns up to date, each on its own."""
    fields = ["name", "status", "start_date", "end_date"]
    campaigns = frappe.get_all("Link Campaign", {"status": ("!=", PAUSED)}, fields, order_by="name asc")
    for campaign in campaigns:
        if status_of(campaign) != campaign.status:
            _save(campaign.name)


def _save(campaign: str) -> None:
    """Save a campaign, which sets its status; one that can't be saved must not hold up the others."""
    try:
        # Nobody is logged in where this runs, and the calendar needs no rights.
        frappe.get_doc("Link Campaign", campaign).save(ignore_permissions=True)
    except Exception:
        frappe.db.rollback()
        frappe.log_error(f"TrackFlow: the status of campaign {campaign} could not be changed")
    # Each stands on its own, and the row locks should not add up.
    frappe.db.commit()


def holds_links(campaign: "frappe.model.document.Document | None") -> bool:
    """Say whether the links of ``campaign``, as it stands in this document, are paused because it is closed."""
    return bool(campaign and campaign.status == COMPLETED and campaign.pause_links_when_closed)


def pause_links(campaign: str) -> int:
    """Pause the active links of ``campaign``, which remember why; return how many."""
    return _switch({"campaign": campaign, "status": "Active"}, "Paused", 1)


def resume_links(campaign: str) -> int:
    """Let those links run again that ``pause_links`` has paused and nobody has touched since; return how many."""
    return _switch({"campaign": campaign, "status": "Paused", "paused_by_campaign": 1}, "Active", 0)


def _switch(which: dict, status: str, paused_by_campaign: int) -> int:
    fields = ["name", "short_code"]
    # In the same order as clicks are counted, so that a drain and this can't wait for each other.
    found = frappe.get_all("Tracked Link", which, fields, order_by="name asc")
    values = {"status": status, "paused_by_campaign": paused_by_campaign}
    for link in found:
        frappe.db.set_value("Tracked Link", link.name, values)
        links.publish(link.short_code)
    return len(found)
