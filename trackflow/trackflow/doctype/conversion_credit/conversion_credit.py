import frappe
from frappe.model.document import Document


class ConversionCredit(Document):
    """The share of one touch in a conversion. Written by ``trackflow.conversions``."""


def on_doctype_update() -> None:
    frappe.db.add_index("Conversion Credit", ["campaign"], "idx_conversion_credit_campaign")
