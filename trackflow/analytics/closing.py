"""When deals were closed, for all of them at once: what ``crm.outcome`` says of one, as a table that SQL can join."""

import frappe
from frappe.query_builder.functions import Coalesce, Max
from frappe.utils import now_datetime

from trackflow.integrations import crm


def closed_deals() -> "frappe.qb.Table":
    """Return a subquery of (deal, closed_at): deals won or lost and when they were, in site time."""
    deal, change = frappe.qb.DocType("CRM Deal"), frappe.qb.DocType("Deal Stage Change")
    query = (
        frappe.qb.from_(deal)
        .left_join(change)
        .on((change.deal_id == deal.name) & (change.to_stage == deal.status))
        .select(deal.name.as_("deal"), Coalesce(Max(change.change_date), deal.modified).as_("closed_at"))
        .where(deal.status.isin(_closed_statuses() or [""]))
        .groupby(deal.name, deal.modified)
    )
    return query.as_("closed_deal")


def _closed_statuses() -> list[str]:
    names = frappe.get_all("CRM Deal Status", pluck="name", order_by="name asc")
    return [name for name in names if _is_closed(name)]


def _is_closed(status: str) -> bool:
    some_deal = frappe._dict(name="", status=status, modified=now_datetime())
    return crm.outcome(some_deal)[1] is not None
