from frappe.model.document import Document


class LinkTemplate(Document):
    """A pattern from which links are made."""
