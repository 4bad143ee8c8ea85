"""What is known of visitors: their sessions, their human clicks, and which links and campaigns they have reached."""

from collections.abc import Sequence
from datetime import datetime

import frappe

from trackflow.domain.clicks import Verdict
from trackflow.domain.ledger import VisitorState
from trackflow.domain.sessions import Session

VISITOR_TEXTS = ("source", "medium", "campaign", "term", "content", "referrer", "ip_address", "user_agent")
SESSION_TEXTS = ("source", "medium", "campaign", "entry_page", "exit_page", "device_type", "browser", "os")


def visitor_state(row: dict) -> VisitorState:
    """Return what a row of Visitor says."""
    return VisitorState(
        visitor_id=row.name,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        consent=row.consent or "",
        clicks=row.click_count,
        sessions=row.session_count,
        **{name: row[name] or "" for name in VISITOR_TEXTS},
    )


def sessions(ids: Sequence[str], since: datetime, until: datetime) -> dict[str, dict[str, Session]]:
    """Return the sessions of visitors ``ids`` that touch the time between (site time), by visitor and name."""
    session = frappe.qb.DocType("Visitor Session")
    rows = (
        frappe.qb.from_(session)
        .select(
            "name", "visitor_id", "session_start", "session_end", "click_count", "page_views", *SESSION_TEXTS
        )
        .where(
            session.visitor_id.isin(ids) & (session.session_end >= since) & (session.session_start <= until)
        )
        .run(as_dict=True)
    )
    loaded: dict[str, dict[str, Session]] = {}
    for row in rows:
        loaded.setdefault(row.visitor_id, {})[row.name] = Session(
            name=row.name,
            visitor_id=row.visitor_id,
            start=row.session_start,
            end=row.session_end,
            clicks=row.click_count,
            page_views=row.page_views,
            **{name: row[name] or "" for name in SESSION_TEXTS},
        )
    return loaded


def human_clicks(
    ids: Sequence[str], since: datetime, until: datetime
) -> dict[tuple[str, str], list[datetime]]:
    """Return when visitors ``ids`` clicked in the time between (site time), by (visitor, link)."""
    event = frappe.qb.DocType("Click Event")
    rows = (
        frappe.qb.from_(event)
        .select(event.visitor_id, event.tracked_link, event.click_timestamp)
        .where(event.visitor_id.isin(ids) & event.click_timestamp[since:until])
        .where(event.verdict == Verdict.HUMAN.value)
        .run()
    )
    times: dict[tuple[str, str], list[datetime]] = {}
    for visitor_id, link, at in rows:
        times.setdefault((visitor_id, link), []).append(at)
    return times


def reached(ids: Sequence[str]) -> set[tuple[str, str, str]]:
    """Return the pairs of visitors ``ids``, as ``domain.ledger.Reach.pair`` has them."""
    reach = frappe.qb.DocType("Visitor Reach")
    query = frappe.qb.from_(reach).select(reach.reference_doctype, reach.reference_name, reach.visitor_id)
    return set(query.where(reach.visitor_id.isin(ids)).run())
