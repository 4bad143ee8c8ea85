"""Let all leads and deals be credited again, in the background: conversions got credits, closed deals a journey that stays,
and campaigns count both by the default model."""

import frappe

from trackflow.attribution import rebuild


def execute() -> None:
    if frappe.db.count("Conversion") or frappe.db.count("Deal Attribution"):
        token = rebuild.new_token()
        frappe.db.set_single_value("TrackFlow Settings", "pending_change", token, update_modified=False)
        rebuild.enqueue()
