from frappe.model.document import Document


class DealJourney(Document):
    """What counts for a deal, for good once it is closed. Written by ``trackflow.attribution.deal_journeys``."""
