"""When deals were closed, for all of them at once, as a table that SQL can join."""

import frappe


def closed_deals() -> "frappe.qb.Table":
    """Return a subquery of (deal, closed_at): deals won or lost and when they were, in site time."""
    journey = frappe.qb.DocType("Deal Journey")
    query = (
        frappe.qb.from_(journey)
        .select(journey.deal_id.as_("deal"), journey.closed_at)
        .where(journey.closed_at.isnotnull())
    )
    return query.as_("closed_deal")
