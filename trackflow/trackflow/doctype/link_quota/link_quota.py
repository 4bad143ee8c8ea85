from frappe.model.document import Document


class LinkQuota(Document):
    """How many clicks of a limited link are taken. Written by ``trackflow.quotas`` alone."""
