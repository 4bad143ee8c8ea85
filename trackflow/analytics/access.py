"""Who may see figures that are added up over deals, links and visitors."""

import frappe
from frappe import _


def may_see_sums() -> bool:
    """Say whether the user may make reports on attributions, as TrackFlow's roles may.

    A salesperson without one of these roles sees the attribution of a deal that they may read, and no sums: they
    would tell what deals of others are worth.
    """
    return bool(frappe.has_permission("Deal Attribution", "report"))


def check() -> None:
    """Raise PermissionError unless the user may see sums."""
    if not may_see_sums():
        frappe.throw(
            _("You may not see what campaigns earned. Ask an administrator for the role Campaign Manager."),
            frappe.PermissionError,
        )
