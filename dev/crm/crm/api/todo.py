"""Assignments of leads and deals."""

import frappe
from frappe.model.document import Document

OWNER_FIELDS = {"CRM Lead": "lead_owner", "CRM Deal": "deal_owner"}


def after_insert(doc: Document, method: str | None = None) -> None:
    """Whoever is assigned a lead or deal without an owner becomes its owner."""
    fieldname = OWNER_FIELDS.get(doc.reference_type)
    if not (fieldname and doc.reference_name and doc.allocated_to):
        return
    if not frappe.db.get_value(doc.reference_type, doc.reference_name, fieldname):
        frappe.db.set_value(doc.reference_type, doc.reference_name, fieldname, doc.allocated_to)
