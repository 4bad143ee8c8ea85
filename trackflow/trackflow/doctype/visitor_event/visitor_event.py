from frappe.model.document import Document


class VisitorEvent(Document):
    """What a visitor did besides clicking a short link."""
