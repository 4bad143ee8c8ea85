from frappe.model.document import Document


class APIKeyIPWhitelist(Document):
    """An address from which an API key may be used."""
