import frappe
from frappe.model.document import Document


class DealAttribution(Document):
    """What each touch earned of a deal under one model. Written by ``trackflow.credit``."""


def on_doctype_update() -> None:
    frappe.db.add_index("Deal Attribution", ["deal_id"], "idx_deal_attribution_deal")
    frappe.db.add_unique("Deal Attribution", ["deal_id", "attribution_model"], "unique_model_of_deal")
