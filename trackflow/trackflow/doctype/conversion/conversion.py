import frappe
from frappe.model.document import Document

from trackflow.domain.touchpoints import MILESTONE_CONVERSIONS


class Conversion(Document):
    """An outcome of a visitor. Written by ``trackflow.conversions``; people may add others."""

    def after_insert(self) -> None:
        """One that is not the outcome of a lead or deal is a touch on the way to it."""
        if self.conversion_type not in MILESTONE_CONVERSIONS:
            # Not above: credit is what writes the others.
            from trackflow import credit

            credit.again([self.visitor])


def on_doctype_update() -> None:
    frappe.db.add_index("Conversion", ["visitor", "conversion_date"], "idx_conversion_visitor_date")
    frappe.db.add_index("Conversion", ["reference_doctype", "reference_name"], "idx_conversion_reference")
    frappe.db.add_index("Conversion", ["conversion_type", "conversion_date"], "idx_conversion_type_date")
