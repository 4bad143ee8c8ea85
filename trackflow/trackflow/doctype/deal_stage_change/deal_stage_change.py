from frappe.model.document import Document


class DealStageChange(Document):
    """A deal moved from one stage to another."""
