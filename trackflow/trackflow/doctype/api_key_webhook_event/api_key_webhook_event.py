from frappe.model.document import Document


class APIKeyWebhookEvent(Document):
    """An event that is sent to a URL."""
