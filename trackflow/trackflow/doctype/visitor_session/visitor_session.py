from frappe.model.document import Document


class VisitorSession(Document):
    """A visit: what a visitor did until 30 minutes passed without activity or a new campaign began."""
