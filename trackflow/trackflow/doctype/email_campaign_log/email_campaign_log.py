from frappe.model.document import Document


class EmailCampaignLog(Document):
    """An email of a campaign to one recipient."""
