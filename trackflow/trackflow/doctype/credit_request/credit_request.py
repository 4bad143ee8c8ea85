import frappe
from frappe.model.document import Document


class CreditRequest(Document):
    """Credit that is due. Written by ``trackflow.attribution.requests``."""


def on_doctype_update() -> None:
    frappe.db.add_index("Credit Request", ["formerly"], "idx_credit_request_formerly")
