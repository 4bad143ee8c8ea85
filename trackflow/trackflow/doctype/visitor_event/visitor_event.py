import frappe
from frappe.model.document import Document


class VisitorEvent(Document):
    """What a visitor did besides clicking a short link. Written by ``trackflow.store`` alone."""


def on_doctype_update() -> None:
    frappe.db.add_index("Visitor Event", ["visitor", "timestamp"], "idx_visitor_event_visitor_timestamp")
