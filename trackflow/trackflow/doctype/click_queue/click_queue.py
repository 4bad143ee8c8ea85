import frappe
from frappe.model.document import Document

from trackflow import click_queue, retention


class ClickQueue(Document):
    """A click that was accepted. Written by ``trackflow.click_queue`` and ``trackflow.ingest`` alone."""

    @staticmethod
    def clear_old_logs(days: int = 7) -> None:
        """Delete what was processed more than ``days`` days ago. Frappe's Log Settings call this daily."""
        retention.delete_older("Click Queue", "processed_at", days, status="Processed")


def on_doctype_update() -> None:
    # InnoDB keeps the name with it, so pending rows are found oldest first.
    frappe.db.add_index("Click Queue", ["status"], click_queue.STATUS_INDEX)
