from frappe.model.document import Document


class AttributionModel(Document):
    """How the credit for a deal is shared among the touches that led to it."""
