import frappe
from frappe.model.document import Document


class Conversion(Document):
    """An outcome of a visitor. Written by ``trackflow.conversions``."""


def on_doctype_update() -> None:
    frappe.db.add_index("Conversion", ["visitor", "conversion_date"], "idx_conversion_visitor_date")
    frappe.db.add_index("Conversion", ["reference_doctype", "reference_name"], "idx_conversion_reference")
    frappe.db.add_index("Conversion", ["conversion_type", "conversion_date"], "idx_conversion_type_date")
