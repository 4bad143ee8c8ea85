"""A sales territory in a tree."""

from frappe.model.document import Document


class CRMTerritory(Document):
    """A sales territory in a tree."""
