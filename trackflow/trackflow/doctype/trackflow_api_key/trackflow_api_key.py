import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime


class TrackFlowAPIKey(Document):
    """A key for programs that use TrackFlow."""

    def before_insert(self) -> None:
        self.api_key = frappe.generate_hash(length=32)
        self.created_date = now_datetime()
