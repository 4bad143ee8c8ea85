import frappe
from frappe.model.document import Document


class Visitor(Document):
    """One browser that followed a link. Written by ``trackflow.store`` alone."""


def on_doctype_update() -> None:
    frappe.db.add_index("Visitor", ["crm_lead"], "idx_visitor_crm_lead")
