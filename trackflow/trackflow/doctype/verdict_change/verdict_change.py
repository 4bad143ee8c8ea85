import frappe
from frappe.model.document import Document


class VerdictChange(Document):
    """A click that was judged anew and got another verdict. Written by ``trackflow.corrections`` alone."""


def on_doctype_update() -> None:
    frappe.db.add_index("Verdict Change", ["click_event"], "idx_verdict_change_click_event")
