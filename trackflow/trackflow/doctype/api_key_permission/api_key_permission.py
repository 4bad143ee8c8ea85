from frappe.model.document import Document


class APIKeyPermission(Document):
    """Something that an API key may do."""
