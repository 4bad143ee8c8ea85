from frappe.model.document import Document


class Visitor(Document):
    """One browser that followed a link, from its first touch on."""
