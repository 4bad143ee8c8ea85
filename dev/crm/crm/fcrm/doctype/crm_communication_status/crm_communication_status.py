"""Whether somebody waits for an answer."""

from frappe.model.document import Document


class CRMCommunicationStatus(Document):
    """Whether somebody waits for an answer."""
