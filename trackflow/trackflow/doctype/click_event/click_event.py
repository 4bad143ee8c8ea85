from frappe.model.document import Document


class ClickEvent(Document):
    """One request to a short link, with its verdict."""
