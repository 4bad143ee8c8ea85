"""A step of the lead's way, with its colour and place."""

from frappe.model.document import Document


class CRMLeadStatus(Document):
    """A step of the lead's way, with its colour and place."""
