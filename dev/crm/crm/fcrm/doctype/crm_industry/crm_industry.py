"""A branch of industry."""

from frappe.model.document import Document


class CRMIndustry(Document):
    """A branch of industry."""
