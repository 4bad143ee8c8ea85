import frappe
from frappe.model.document import Document


class VisitorSession(Document):
    """A visit. Written by ``trackflow.store`` alone."""


def on_doctype_update() -> None:
    frappe.db.add_index(
        "Visitor Session", ["visitor_id", "session_start"], "idx_visitor_session_visitor_start"
    )
    # As for visitors.
    fields = ["session_start", "source", "medium", "campaign"]
    frappe.db.add_index("Visitor Session", fields, "idx_visitor_session_start")
