"""A stage of the deal's way, with its colour and place."""

from frappe.model.document import Document


class CRMDealStatus(Document):
    """A stage of the deal's way, with its colour and place."""
