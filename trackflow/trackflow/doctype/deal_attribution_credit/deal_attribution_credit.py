import frappe
from frappe.model.document import Document


class DealAttributionCredit(Document):
    """The share of one touch in a deal."""


def on_doctype_update() -> None:
    frappe.db.add_index("Deal Attribution Credit", ["campaign"], "idx_deal_attribution_credit_campaign")
