from frappe.model.document import Document


class AttributionChannelRule(Document):
    """Which touches belong to a channel, and what they weigh."""
