import frappe
from frappe.model.document import Document


class ClickDailyTotal(Document):
    """A day's clicks on a link, by campaign and variant. Written by ``trackflow.counters`` alone."""


def on_doctype_update() -> None:
    for fields, name in (
        (["tracked_link", "date"], "idx_click_daily_total_link_date"),
        (["campaign", "date"], "idx_click_daily_total_campaign_date"),
        (["date"], "idx_click_daily_total_date"),
    ):
        frappe.db.add_index("Click Daily Total", fields, name)
