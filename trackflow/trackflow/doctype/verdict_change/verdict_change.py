import frappe
from frappe.model.document import Document

from trackflow import messages


class VerdictChange(Document):
    """A click that was judged anew and got another verdict. Written by ``trackflow.corrections`` alone."""

    def onload(self) -> None:
        messages.show_reasons(self, "old_reason", "new_reason")


def on_doctype_update() -> None:
    frappe.db.add_index("Verdict Change", ["click_event"], "idx_verdict_change_click_event")
