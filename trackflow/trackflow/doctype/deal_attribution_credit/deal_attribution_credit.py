from frappe.model.document import Document


class DealAttributionCredit(Document):
    """The share of one touch in a deal."""
