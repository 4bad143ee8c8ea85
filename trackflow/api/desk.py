"""What Frappe asks about TrackFlow as an app."""

import frappe


def may_open_app() -> bool:
    """Say whether TrackFlow stands among the user's apps: for those who may read its links."""
    return bool(frappe.has_permission("Tracked Link", "read"))
