"""One entry of the portal's user menu."""

from frappe.model.document import Document


class CRMDropdownItem(Document):
    """One entry of the portal's user menu."""
