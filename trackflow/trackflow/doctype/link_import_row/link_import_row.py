import frappe
from frappe.model.document import Document


class LinkImportRow(Document):
    """One row of an import, and what came of it. Written by trackflow/imports/jobs.py."""


def on_doctype_update() -> None:
    frappe.db.add_index("Link Import Row", ["link_import", "outcome", "line"], "idx_link_import_row_outcome")
