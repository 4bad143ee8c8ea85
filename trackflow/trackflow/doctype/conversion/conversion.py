from frappe.model.document import Document


class Conversion(Document):
    """An outcome of a visitor: a lead, a deal won, a purchase."""
