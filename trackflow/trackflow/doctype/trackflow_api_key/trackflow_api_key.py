from frappe.model.document import Document


class TrackFlowAPIKey(Document):
    """A key for programs that use TrackFlow."""
