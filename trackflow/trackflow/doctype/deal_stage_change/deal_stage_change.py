import frappe
from frappe.model.document import Document


class DealStageChange(Document):
    """A deal moved from one stage to another. Written by ``trackflow.integrations.crm``."""


def on_doctype_update() -> None:
    frappe.db.add_index("Deal Stage Change", ["deal_id", "change_date"], "idx_deal_stage_change_deal")
