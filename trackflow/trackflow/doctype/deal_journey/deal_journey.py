import frappe
from frappe.model.document import Document


class DealJourney(Document):
    """What counts for a deal, for good once it is closed. Written by ``trackflow.attribution.deal_journeys``."""


def on_doctype_update() -> None:
    # Open deals, of which there are few beside all that were ever closed.
    frappe.db.add_index("Deal Journey", ["outcome", "credited_at"], "idx_deal_journey_outcome")
