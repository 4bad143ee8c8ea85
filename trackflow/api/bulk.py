"""Changes to many documents at once, for the lists of links and campaigns. All answer as ``bulk_changes`` says."""

import frappe
from frappe import _

from trackflow import bulk_changes


@frappe.whitelist(methods=["POST"])
def set_link_status(links: str | list, status: str) -> dict:
    """Pause, activate or archive links: ``status`` is "Paused", "Active" or "Archived"."""
    return bulk_changes.set_status(bulk_changes.LINK, _names(links), status)


@frappe.whitelist(methods=["POST"])
def move_links(links: str | list, campaign: str = "") -> dict:
    """Put links into ``campaign``, none if empty."""
    return bulk_changes.move_links(_names(links), campaign)


@frappe.whitelist(methods=["POST"])
def set_campaign_status(campaigns: str | list, status: str) -> dict:
    """Pause, reopen or close campaigns: ``status`` is "Paused", "Active" or "Completed"."""
    return bulk_changes.set_status(bulk_changes.CAMPAIGN, _names(campaigns), status)


def _names(given: str | list) -> list[str]:
    names = frappe.parse_json(given)
    if not (isinstance(names, list) and names and all(isinstance(name, str) for name in names)):
        frappe.throw(_("Send a list of names."))
    return names
