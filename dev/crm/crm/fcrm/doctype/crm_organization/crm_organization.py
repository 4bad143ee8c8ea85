"""A company that deals are made with."""

from frappe.model.document import Document


class CRMOrganization(Document):
    """A company that deals are made with."""
