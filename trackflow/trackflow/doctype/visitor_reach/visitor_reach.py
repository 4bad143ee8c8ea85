from frappe.model.document import Document


class VisitorReach(Document):
    """The first time that a visitor reached a link or a campaign. Makes unique visitors exact for ever, also after old click events were archived."""
