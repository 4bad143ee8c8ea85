import frappe
from frappe.model.document import Document


class LeadStatusChange(Document):
    """A lead moved from one status to another. Written by ``trackflow.integrations.crm``."""


def on_doctype_update() -> None:
    frappe.db.add_index("Lead Status Change", ["lead_id", "change_date"], "idx_lead_status_change_lead")
