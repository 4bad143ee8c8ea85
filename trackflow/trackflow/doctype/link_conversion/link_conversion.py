from frappe.model.document import Document


class LinkConversion(Document):
    """A conversion that followed a click on a tracked link within the attribution window."""
