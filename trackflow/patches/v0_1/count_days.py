"""Make the daily totals of clicks that were recorded before there were any."""

import frappe

from trackflow.corrections import totals

_MARK_CAMPAIGN_UNIQUES = """
    UPDATE `tabClick Event` event JOIN `tabVisitor Reach` reach ON reach.visitor_id = event.visitor_id
    AND reach.reference_doctype = 'Link Campaign' AND reach.reference_name = event.campaign
    AND reach.first_click = event.click_timestamp
    SET event.is_campaign_unique = 1 WHERE event.verdict = 'human'
"""


def execute() -> None:
    if not frappe.db.count("Click Daily Total"):
        frappe.db.sql(_MARK_CAMPAIGN_UNIQUES)
        totals.rebuild()
