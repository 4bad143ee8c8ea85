import frappe
from frappe.model.document import Document

from trackflow import retention


class APIRequestLog(Document):
    """A request that was made with an API key."""

    @staticmethod
    def clear_old_logs(days: int = 90) -> None:
        """Delete requests that are more than ``days`` days old. Frappe's Log Settings call this daily."""
        retention.delete_older("API Request Log", "request_time", days)


def on_doctype_update() -> None:
    frappe.db.add_index("API Request Log", ["api_key", "request_time"], "idx_api_request_log_key_time")
