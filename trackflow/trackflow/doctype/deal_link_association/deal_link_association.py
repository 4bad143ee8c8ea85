from frappe.model.document import Document


class DealLinkAssociation(Document):
    """A link that had a part in a deal."""
