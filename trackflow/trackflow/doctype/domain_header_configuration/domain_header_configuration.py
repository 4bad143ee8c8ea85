from frappe.model.document import Document


class DomainHeaderConfiguration(Document):
    """A header on the answers of a short domain."""
