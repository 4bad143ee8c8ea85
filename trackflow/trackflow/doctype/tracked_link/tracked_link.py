from frappe.model.document import Document


class TrackedLink(Document):
    """A short link that counts who follows it and what came of it."""
