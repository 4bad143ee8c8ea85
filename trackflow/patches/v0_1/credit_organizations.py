"""Let open deals be credited again, in the background: everybody at their organization counts from now on."""

import frappe

from trackflow.attribution import rebuild

SETTINGS, FIELD = "TrackFlow Settings", "count_organization"


def execute() -> None:
    if FIELD in frappe.db.get_singles_dict(SETTINGS):
        return
    frappe.db.set_single_value(SETTINGS, FIELD, 1, update_modified=False)
    if frappe.db.count("Deal Attribution"):
        frappe.db.set_single_value(SETTINGS, "pending_change", rebuild.new_token(), update_modified=False)
        rebuild.enqueue()
