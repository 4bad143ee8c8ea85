"""Statuses of leads and stages of deals: the writer of Lead Status Change and Deal Stage Change."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import get_datetime, get_system_timezone, getdate

from trackflow.integrations.crm.events import record_change

WON, LOST = "Won", "Lost"
_OF_LEAD = ("Lead Status Change", ("lead_id", "from_status", "to_status"))
_OF_DEAL = ("Deal Stage Change", ("deal_id", "from_stage", "to_stage"))


def record_change_of_lead(lead: dict) -> bool:
    """Note the lead's status if it is another than the one noted last; returns whether it is."""
    return record_change(
        *_OF_LEAD,
        lead,
        source_campaign=lead.get("trackflow_campaign"),
        source_medium=lead.get("trackflow_medium"),
    )


def record_change_of_deal(deal: dict) -> bool:
    """Note the deal's stage if it is another than the one noted last; returns whether it is."""
    return record_change(*_OF_DEAL, deal)


def complete(deal: dict) -> None:
    """Note a stage that was set while nobody noted it: by SQL, by an import, or when noting it failed."""
    record_change(*_OF_DEAL, deal, at=_entered_at(deal), by=deal.modified_by)


def outcome(status: str | None) -> str:
    """Return Won, Lost or "". Statuses have a type since CRM 1.51; before, the name tells."""
    kind = status
    if status and frappe.get_meta("CRM Deal Status").has_field("type"):
        kind = frappe.get_cached_value("CRM Deal Status", status, "type") or status
    return kind if kind in (WON, LOST) else ""


def open_statuses() -> list[str]:
    """Return the statuses of deals that are neither won nor lost."""
    names = frappe.get_all("CRM Deal Status", pluck="name", order_by="name asc")
    return [name for name in names if not outcome(name)]


def closed_at(deal: dict) -> datetime:
    """Return when a closed deal was closed: when it came into the first of its last stages that mean this outcome."""
    changes = frappe.get_all(
        "Deal Stage Change",
        {"deal_id": deal.name},
        ["to_stage", "change_date"],
        order_by="creation desc, change_date desc",
    )
    closed, wanted = None, outcome(deal.status)
    for change in changes:
        if outcome(change.to_stage) != wanted:
            break
        closed = change.change_date
    return closed or _entered_at(deal)


def was_open_since(deal: dict, moment: datetime) -> bool:
    """Say whether a deal has been in a stage without an outcome since ``moment``."""
    changes = frappe.get_all(
        "Deal Stage Change", {"deal_id": deal.name, "change_date": (">", moment)}, pluck="to_stage"
    )
    return not all(map(outcome, changes))


def _entered_at(deal: dict) -> datetime:
    """Return since when a deal is in its stage, as the CRM knows it: by its log, by its date of closing, or at
    least before it was last changed."""
    log = frappe.qb.DocType("CRM Status Change Log")
    query = frappe.qb.from_(log).select(log.from_date).orderby(log.idx, order=frappe.qb.desc).limit(1)
    query = query.where((log.parent == deal.name) & (log.parenttype == "CRM Deal"))
    noted = query.where(log["from"] == deal.status).run()
    closed_on = deal.get("closed_date") if outcome(deal.status) == WON else None
    if noted and noted[0][0]:
        found = _by_the_sites_clock(get_datetime(noted[0][0]))
    else:
        found = datetime.combine(getdate(closed_on), time.max) if closed_on else deal.modified
    return min(found, get_datetime(deal.modified))


def _by_the_sites_clock(moment: datetime) -> datetime:
    """The CRM's log has the time of the server's operating system, whose zone need not be that of the site."""
    return moment.astimezone(ZoneInfo(get_system_timezone())).replace(tzinfo=None)
