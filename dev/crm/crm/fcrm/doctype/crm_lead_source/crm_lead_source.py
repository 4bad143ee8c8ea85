"""Where leads and deals come from."""

from frappe.model.document import Document


class CRMLeadSource(Document):
    """Where leads and deals come from."""
