"""A contact of a deal."""

from frappe.model.document import Document


class CRMContacts(Document):
    """A contact of a deal."""
