from frappe.model.document import Document


class InternalIPRange(Document):
    """Addresses whose clicks are your own."""
