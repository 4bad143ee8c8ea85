from frappe.model.document import Document


class TemplateVariable(Document):
    """A blank in a link template."""
