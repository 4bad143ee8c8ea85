from frappe.model.document import Document


class CampaignLinkVariant(Document):
    """One of several destinations that a tracked link tries out."""
