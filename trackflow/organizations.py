"""Organizations: the only writer of TrackFlow's fields on CRM Organization.

Worked out when the credit of a deal or lead of theirs is, hourly for those whose people were active, and daily for all
with a score, since it fades.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import frappe
from frappe.utils import now_datetime

from trackflow import colleagues, identity, jobs
from trackflow.domain import engagement
from trackflow.integrations import crm

DOCTYPE = "CRM Organization"
METHOD = "trackflow.organizations.refresh"
# More than the hour between two looks.
ACTIVE_FOR = timedelta(hours=2)
# So many of an organization's latest deals say who its people are.
MOST_DEALS = 200


def enqueue(organization: str | None) -> None:
    """Let the fields of ``organization`` be worked out once the transaction is committed."""
    if organization:
        jobs.enqueue_after_commit(METHOD, organization=organization)


def refresh(organization: str) -> None:
    """Background job: work out how engaged an organization's people are, and what brought them last."""
    jobs.begin(METHOD, organization=organization)
    if not frappe.db.exists(DOCTYPE, organization):
        return
    now = now_datetime()
    visitors = visitors_of(organization)
    sessions = _sessions(visitors, now)
    activity = [
        (row.session_start, engagement.session_points(row.click_count, row.page_views)) for row in sessions
    ]
    activity += [(at, engagement.CONVERSION_POINTS) for at in _conversions(visitors, now)]
    last = next((row.campaign for row in sessions if row.campaign), None)
    values = {"trackflow_engagement_score": engagement.score(activity, now)}
    if sessions:
        values |= {"trackflow_visitor_id": sessions[0].visitor_id}
    if last:
        values |= {"trackflow_last_campaign": last}
    frappe.db.set_value(DOCTYPE, organization, values, update_modified=False)


def visitors_of(organization: str) -> list[str]:
    """Return the visitors of an organization, by name: of its deals, of who belongs to it, of leads that name it."""
    deals = frappe.get_all(
        "CRM Deal", {"organization": organization}, pluck="name", order_by="creation desc", limit=MOST_DEALS
    )
    leads = frappe.get_all(
        "CRM Lead", {"organization": organization}, pluck="name", order_by="creation desc", limit=MOST_DEALS
    )
    found = identity.visitors_of_people(colleagues.people_of(organization))
    found |= {visitor for deal in deals for visitor in identity.own_visitors_of_deal(deal)}
    return sorted(found | {visitor for lead in leads for visitor in identity.visitors_of_lead(lead)})


def follow_visits() -> None:
    """Hourly: refresh the organizations whose people were active."""
    if crm.is_installed():
        since = now_datetime() - ACTIVE_FOR
        _enqueue_all({*_active("CRM Deal", since), *_active("CRM Lead", since)})


def fade() -> None:
    """Daily: refresh all organizations with a score."""
    if crm.is_installed():
        with_score = {"trackflow_engagement_score": (">", 0)}
        _enqueue_all(frappe.get_all(DOCTYPE, with_score, pluck="name", order_by="name asc"))


def _enqueue_all(organizations: Iterable[str]) -> None:
    for organization in sorted(organizations):
        enqueue(organization)
    frappe.db.commit()


def _active(doctype: str, since: datetime) -> list[str]:
    """Return the organizations of leads or deals whose visitor was active ``since``."""
    doc, visitor = frappe.qb.DocType(doctype), frappe.qb.DocType("Visitor")
    query = frappe.qb.from_(doc).join(visitor).on(visitor.name == doc.trackflow_visitor_id)
    query = query.select(doc.organization).distinct().where(visitor.last_activity >= since)
    return [name for (name,) in query.where(doc.organization != "").run()]


def _sessions(visitors: list[str], now: datetime) -> list[dict]:
    """Return the visits of the time that counts, the latest first."""
    if not visitors:
        return []
    session = frappe.qb.DocType("Visitor Session")
    query = frappe.qb.from_(session).select(
        session.session_start, session.click_count, session.page_views, session.campaign, session.visitor_id
    )
    query = query.where(session.visitor_id.isin(visitors) & (session.session_start >= _since(now)))
    return query.orderby(session.session_start, order=frappe.qb.desc).orderby(session.name).run(as_dict=True)


def _conversions(visitors: list[str], now: datetime) -> list[datetime]:
    if not visitors:
        return []
    of_visitors = {"visitor": ("in", visitors), "conversion_date": (">=", _since(now))}
    return frappe.get_all("Conversion", of_visitors, pluck="conversion_date", order_by="conversion_date asc")


def _since(now: datetime) -> datetime:
    return now - timedelta(days=engagement.REMEMBERED_DAYS)
