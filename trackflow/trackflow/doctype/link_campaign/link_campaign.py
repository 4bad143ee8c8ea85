from frappe.model.document import Document


class LinkCampaign(Document):
    """A marketing campaign: its links, what it costs and what it earned."""
