import frappe
from frappe.model.document import Document


class Visitor(Document):
    """One browser that followed a link. Written by ``trackflow.store`` alone."""


def on_doctype_update() -> None:
    frappe.db.add_index("Visitor", ["crm_lead"], "idx_visitor_crm_lead")
    # What reports count by day and origin, without touching the rows.
    frappe.db.add_index("Visitor", ["first_seen", "source", "medium", "campaign"], "idx_visitor_first_seen")
