from frappe.model.document import Document


class TrackFlowSettings(Document):
    """Settings of short links, internal traffic, attribution and privacy."""
