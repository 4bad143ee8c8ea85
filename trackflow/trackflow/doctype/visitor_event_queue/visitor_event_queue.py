import frappe
from frappe.model.document import Document

from trackflow import event_queue, retention


class VisitorEventQueue(Document):
    """A page view that was accepted. Written by ``trackflow.event_queue`` alone."""

    @staticmethod
    def clear_old_logs(days: int = 7) -> None:
        """Delete what failed and nobody tried again for ``days`` days. Frappe's Log Settings call this daily."""
        retention.delete_older("Visitor Event Queue", "timestamp", days, status="Failed")


def on_doctype_update() -> None:
    # InnoDB keeps the name with it, so pending rows are found oldest first.
    frappe.db.add_index("Visitor Event Queue", ["status"], event_queue.STATUS_INDEX)
