from frappe.model.document import Document


class ClickQueue(Document):
    """Clicks that were accepted and wait to become click events."""
