"""Campaigns for programs and forms."""

import frappe
from frappe.utils import cint

from trackflow import campaign_calendar, campaign_copies
from trackflow.panels import campaign as campaign_panel
from trackflow.qr import codes as qr_codes


@frappe.whitelist(methods=["POST"])
def duplicate(campaign: str, campaign_name: str, campaign_id: str = "", shift_days: int = 0) -> dict:
    """Make a campaign like ``campaign``, with copies of its links: new codes, nothing counted.

    All dates are put off by ``shift_days``. Returns ``{"campaign", "links", "in_background"}``. Raises
    PermissionError for those who may not read the campaign, or create campaigns and links.
    """
    return campaign_copies.duplicate(campaign, campaign_name, campaign_id, int(shift_days))


@frappe.whitelist(methods=["GET", "POST"])
def qr_sheet(campaign: str, page_size: str = "A4", per_page: int | str = 12) -> None:
    """Answer with a PDF of the QR codes of the campaign's active links, ``per_page`` on each "A4" or "Letter" page.

    Raises PermissionError without read permission, ValidationError where there is nothing to print.
    """
    doc = frappe.get_doc("Link Campaign", campaign)
    doc.check_permission("read")
    frappe.response["filecontent"] = qr_codes.sheet_of(doc.name, page_size, cint(per_page))
    frappe.response["type"] = "pdf"
    frappe.response["filename"] = f"{doc.campaign_id}.pdf"


@frappe.whitelist(methods=["GET", "POST"])
def overview(campaign: str) -> dict:
    """Return what became of a campaign, see ``panels.campaign.overview``.

    Raises PermissionError for those who may not read the campaign, or credit of deals.
    """
    frappe.get_doc("Link Campaign", campaign).check_permission("read")
    frappe.has_permission("Deal Attribution", "read", throw=True)
    return campaign_panel.overview(campaign)


@frappe.whitelist(methods=["GET", "POST"])
def calendar(start: str, end: str, filters: str | list | None = None) -> list[dict]:
    """Return the campaigns from ``start`` to ``end`` for the calendar, see ``campaign_calendar.between``."""
    return campaign_calendar.between(start, end, frappe.parse_json(filters) or [])


@frappe.whitelist(methods=["POST"])
def move(campaign: str, days: int | str) -> None:
    """Put all dates of a campaign off by ``days``. Raises PermissionError without the right to change it."""
    campaign_calendar.move(_changeable(campaign), cint(days))


@frappe.whitelist(methods=["POST"])
def end_on(campaign: str, end_date: str) -> None:
    """Let a campaign end on that day. Raises as ``move``, and ValidationError before its start."""
    campaign_calendar.end_on(_changeable(campaign), end_date)


def _changeable(campaign: str) -> "frappe.model.document.Document":
    doc = frappe.get_doc("Link Campaign", campaign)
    doc.check_permission("write")
    return doc
