from frappe.model.document import Document


class DomainConfiguration(Document):
    """A domain of your own for short links."""
