"""Where each lead came from, and what it became."""

import frappe
from frappe.utils import flt

from trackflow.analytics import deals
from trackflow.analytics.questions import Question
from trackflow.integrations import crm

FIELDS = (
    "name", "status", "creation", "trackflow_source", "trackflow_medium", "trackflow_campaign",
    "trackflow_first_touch_date", "trackflow_last_touch_date", "trackflow_touch_count",
)  # fmt: skip
# Not in every version of the CRM.
NAMES = ("lead_name", "organization")
FILTERS = {"campaign": "trackflow_campaign", "source": "trackflow_source", "status": "status"}
SECONDS_A_DAY = 86_400


def may_read() -> bool:
    """Say whether the user may read leads at all."""
    return crm.is_installed() and bool(frappe.has_permission("CRM Lead", "read"))


def rows(question: Question) -> tuple[list[dict], int]:
    """Return the leads of known origin that were made in the period, the newest first, and how many others there are.

    Only those that the user may read, and of their deals only those.
    """
    if not may_read():
        return [], 0
    found = _leads(question)
    known = [lead for lead in found if lead.trackflow_touch_count]
    won = _won_values([lead.name for lead in known], question.model)
    return [_row(lead, won.get(lead.name)) for lead in known], len(found) - len(known)


def _leads(question: Question) -> list[dict]:
    meta = frappe.get_meta("CRM Lead")
    filters = [
        [column, "=", question.more[name]] for name, column in FILTERS.items() if question.more.get(name)
    ]
    period = question.period
    if period.from_date:
        filters.append(["creation", ">=", period.from_date])
    if period.to_date:
        filters.append(["creation", "<", frappe.utils.add_days(period.to_date, 1)])
    return frappe.get_list(
        "CRM Lead",
        filters=filters,
        fields=[*FIELDS, *(name for name in NAMES if meta.has_field(name))],
        order_by="creation desc, name desc",
        limit_page_length=0,
    )


def _won_values(leads: list[str], model: str) -> dict[str, float]:
    """Return what the deals won of each lead are worth, as far as the user may read them."""
    if not leads or not deals.may_read():
        return {}
    filters = {"lead": ("in", leads)}
    rows = frappe.get_list(
        "CRM Deal", filters=filters, fields=["name", "lead"], order_by="name asc", limit_page_length=0
    )
    leads_of = {row.name: row.lead for row in rows}
    won = {"deal_id": ("in", list(leads_of)), "attribution_model": model, "is_won": 1}
    values: dict[str, float] = {}
    fields = ["deal_id", "attribution_value"]
    for row in frappe.get_all("Deal Attribution", won, fields, order_by="name asc") if leads_of else ():
        lead = leads_of[row.deal_id]
        values[lead] = round(values.get(lead, 0) + flt(row.attribution_value), 6)
    return values


def _row(lead: dict, won: float | None) -> dict:
    first = lead.trackflow_first_touch_date
    days = (lead.creation - first).total_seconds() / SECONDS_A_DAY if first else None
    return {
        "lead": lead.name,
        "lead_name": lead.get("lead_name") or lead.get("organization") or lead.name,
        "status": lead.status,
        "creation": lead.creation,
        "source": lead.trackflow_source,
        "medium": lead.trackflow_medium,
        "campaign": lead.trackflow_campaign,
        "touches": lead.trackflow_touch_count,
        "first_touch": first,
        "last_touch": lead.trackflow_last_touch_date,
        "days": days,
        "won_value": won,
    }
