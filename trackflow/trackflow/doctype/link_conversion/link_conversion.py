import frappe
from frappe.model.document import Document


class LinkConversion(Document):
    """A conversion that followed a click on a tracked link. Written by ``trackflow.conversions``."""


def on_doctype_update() -> None:
    frappe.db.add_index("Link Conversion", ["tracked_link"], "idx_link_conversion_tracked_link")
    frappe.db.add_unique("Link Conversion", ["conversion", "tracked_link"], "unique_link_of_conversion")
