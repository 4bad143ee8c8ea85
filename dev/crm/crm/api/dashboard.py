"""The dashboard of the portal: the items of its layout, each with the data of the function that is named like it."""

import json

import frappe
from frappe import _
from frappe.query_builder.functions import Count, IfNull
from frappe.utils import add_days, get_first_day, get_last_day, nowdate

from crm.fcrm.doctype.crm_dashboard.crm_dashboard import MANAGERS, create_default_manager_dashboard

MANAGER_ROLES = {"Sales Manager", "System Manager"}
ROLES = MANAGER_ROLES | {"Sales User"}


@frappe.whitelist()
def reset_to_default() -> None:
    """Give the dashboard its default layout again."""
    frappe.only_for("System Manager", True)
    create_default_manager_dashboard(force=True)


@frappe.whitelist()
def get_dashboard(
    from_date: str | None = None, to_date: str | None = None, user: str | None = None
) -> list[dict]:
    """Return the items with their data, None for those that no function here is named like.

    Who is no manager gets their own figures, whatever `user` says. Without days it is the present month.
    """
    roles = set(frappe.get_roles())
    if not roles & ROLES:
        frappe.throw(_("Only salespeople may see this."), frappe.PermissionError)
    if not from_date or not to_date:
        from_date, to_date = get_first_day(from_date or nowdate()), get_last_day(to_date or nowdate())
    if not roles & MANAGER_ROLES:
        user = frappe.session.user
    items = json.loads(_layout())
    for item in items:
        of = globals().get(f"get_{item['name']}")
        item["data"] = of(from_date, to_date, user) if of else None
    return items


def get_total_leads(from_date: str, to_date: str, user: str | None = None) -> dict:
    """Return how many leads were made."""
    (row,) = _leads(from_date, to_date, user, Count("*")).run()
    return {"title": _("Total leads"), "tooltip": _("Total number of leads"), "value": row[0]}


def get_leads_by_source(from_date: str, to_date: str, user: str | None = None) -> dict:
    """Return how many leads each source brought."""
    source = IfNull(frappe.qb.DocType("CRM Lead").source, "Empty").as_("source")
    query = _leads(from_date, to_date, user, source, Count("*").as_("count")).groupby(source)
    return {
        "data": query.run(as_dict=True),
        "title": _("Leads by source"),
        "categoryColumn": "source",
        "valueColumn": "count",
    }


def _leads(from_date: str, to_date: str, user: str | None, *columns: object) -> "frappe.qb.Query":
    lead = frappe.qb.DocType("CRM Lead")
    query = frappe.qb.from_(lead).select(*columns)
    query = query.where((lead.creation >= from_date) & (lead.creation < add_days(to_date, 1)))
    return query.where(lead.lead_owner == user) if user else query


def _layout() -> str:
    if not frappe.db.exists("CRM Dashboard", MANAGERS):
        layout = create_default_manager_dashboard()
        frappe.db.commit()
        return layout
    return frappe.db.get_value("CRM Dashboard", MANAGERS, "layout") or "[]"
