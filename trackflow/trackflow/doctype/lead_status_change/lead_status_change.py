from frappe.model.document import Document


class LeadStatusChange(Document):
    """A lead moved from one status to another."""
