from frappe.model.document import Document

from trackflow import targeting


class LinkTargetingRule(Document):
    """Visitors of a tracked link with certain traits go to another destination. Checked by ``targeting``."""

    @property
    def summary(self) -> str:
        return targeting.summary(self)
