import frappe
from frappe.model.document import Document

from trackflow import messages


class ClickEvent(Document):
    """One request to a short link, with its verdict. Written by ``trackflow.store`` alone."""

    def onload(self) -> None:
        messages.show_reasons(self, "verdict_reason")


def on_doctype_update() -> None:
    for fields, name in (
        (["visitor_id", "click_timestamp"], "idx_click_event_visitor_timestamp"),
        (["tracked_link"], "idx_click_event_tracked_link"),
        (["campaign", "click_timestamp"], "idx_click_event_campaign"),
        # For whatever goes through the clicks of some days. New rows go to its end, so it costs next to nothing.
        # With verdict and reason, which reports count without touching the rows.
        (["click_timestamp", "verdict", "verdict_reason"], "idx_click_event_verdict"),
    ):
        frappe.db.add_index("Click Event", fields, name)
