import frappe
from frappe.model.document import Document


class VisitorReach(Document):
    """The first time that a visitor reached a link or a campaign. Written by ``trackflow.store`` alone."""


def on_doctype_update() -> None:
    # The visitor first, because reaches are looked up by visitor.
    frappe.db.add_unique(
        "Visitor Reach", ["visitor_id", "reference_doctype", "reference_name"], "unique_visitor_reach"
    )
