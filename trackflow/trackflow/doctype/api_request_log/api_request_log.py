from frappe.model.document import Document


class APIRequestLog(Document):
    """A request that was made with an API key."""
