from frappe.model.document import Document


class DealAttribution(Document):
    """What each touch earned of a deal under one model."""
