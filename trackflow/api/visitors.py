"""Visitors for their form."""

import frappe

from trackflow.panels import visitor as visitor_panel


@frappe.whitelist(methods=["GET", "POST"])
def journey(visitor: str, before: str | list | None = None) -> dict:
    """Return a page of what a visitor did, see ``panels.visitor.page``.

    ``before``: as the answer for a later page has it. Raises PermissionError for those who may not read visitors.
    """
    frappe.get_doc("Visitor", visitor).check_permission("read")
    return visitor_panel.page(visitor, frappe.parse_json(before) if before else None)
