"""TrackFlow's entry in the user menu of Frappe CRM's own pages.

Frappe CRM collects the entries that apps' hooks name when it is installed and with each migration, and leaves those that
are there as they are: hidden or changed by an administrator. Here the entry comes with TrackFlow and goes with it.
"""

import frappe

SETTINGS, ITEM, ENTRY = "FCRM Settings", "CRM Dropdown Item", "trackflow"
# Behind the switch between apps.
PLACE = 1


def create() -> None:
    """Add the entry if the CRM is there and has not got it."""
    if not frappe.db.exists("DocType", ITEM) or frappe.db.exists(ITEM, {"name1": ENTRY}):
        return
    settings = frappe.get_doc(SETTINGS)
    (entry,) = frappe.get_hooks("standard_dropdown_items", app_name="trackflow")
    items = list(settings.dropdown_items)
    settings.set("dropdown_items", [*items[:PLACE], entry, *items[PLACE:]])
    # Rows keep the number that they had, and two with the same one stand in any order.
    for number, row in enumerate(settings.dropdown_items, start=1):
        row.idx = number
    # Runs during installation, where nobody is asked for rights.
    settings.save(ignore_permissions=True)


def delete() -> None:
    if frappe.db.exists("DocType", ITEM):
        frappe.db.delete(ITEM, {"name1": ENTRY})
        frappe.clear_document_cache(SETTINGS, SETTINGS)
