"""What is known of visitors: their sessions, their human clicks, and which links and campaigns they have reached."""

from collections.abc import Sequence
from datetime import datetime

import frappe
from pypika.functions import Cast
from pypika.terms import Field

from trackflow.domain.clicks import Verdict
from trackflow.domain.ledger import VisitorState
from trackflow.domain.sessions import Session

VISITOR_TEXTS = ("source", "medium", "campaign", "term", "content", "referrer", "ip_address", "user_agent")
SESSION_TEXTS = ("source", "medium", "campaign", "entry_page", "exit_page", "device_type", "browser", "os")


def lock_visitors(ids: Sequence[str]) -> dict[str, VisitorState]:
    """Lock the visitors ``ids`` until the commit, in one order, and return those that have been seen."""
    visitor = frappe.qb.DocType("Visitor")
    rows = (
        frappe.qb.from_(visitor)
        .select(
            "name", _as_text(visitor.first_seen), _as_text(visitor.last_seen), "consent", "click_count",
            "session_count", *VISITOR_TEXTS,
        )
        .where(visitor.name.isin(ids))
        .orderby(visitor.name)
        .for_update()
        .run()
    )  # fmt: skip
    # Not in the WHERE: InnoDB may give back the locks of rows that it sorts out.
    return {row[0]: _visitor_state(*row) for row in rows if row[1]}


def _visitor_state(
    name: str, first: str, last: str, consent: str | None, clicks: int, sessions: int, *texts: str | None
) -> VisitorState:
    return VisitorState(
        visitor_id=name,
        first_seen=_from_text(first),
        last_seen=_from_text(last),
        consent=consent or "",
        clicks=clicks,
        sessions=sessions,
        **_texts(VISITOR_TEXTS, texts),
    )


def sessions(ids: Sequence[str], since: datetime, until: datetime) -> dict[str, dict[str, Session]]:
    """Return the sessions of visitors ``ids`` that touch the time between (site time), by visitor and name."""
    session = frappe.qb.DocType("Visitor Session")
    rows = (
        frappe.qb.from_(session)
        .select(
            "name", "visitor_id", _as_text(session.session_start), _as_text(session.session_end), "click_count",
            "page_views", *SESSION_TEXTS,
        )
        .where(
            session.visitor_id.isin(ids) & (session.session_end >= since) & (session.session_start <= until)
        )
        .run()
    )  # fmt: skip
    loaded: dict[str, dict[str, Session]] = {}
    for name, visitor_id, start, end, clicks, page_views, *texts in rows:
        loaded.setdefault(visitor_id, {})[name] = Session(
            name=name,
            visitor_id=visitor_id,
            start=_from_text(start),
            end=_from_text(end),
            clicks=clicks,
            page_views=page_views,
            **_texts(SESSION_TEXTS, texts),
        )
    return loaded


def human_clicks(
    ids: Sequence[str], since: datetime, until: datetime
) -> dict[tuple[str, str], list[datetime]]:
    """Return when visitors ``ids`` clicked in the time between (site time), by (visitor, link)."""
    event = frappe.qb.DocType("Click Event")
    rows = (
        frappe.qb.from_(event)
        .select(event.visitor_id, event.tracked_link, _as_text(event.click_timestamp))
        .where(event.visitor_id.isin(ids) & event.click_timestamp[since:until])
        .where(event.verdict == Verdict.HUMAN.value)
        .run()
    )
    times: dict[tuple[str, str], list[datetime]] = {}
    for visitor_id, link, at in rows:
        times.setdefault((visitor_id, link), []).append(_from_text(at))
    return times


def reached(ids: Sequence[str]) -> set[tuple[str, str, str]]:
    """Return the pairs of visitors ``ids``, as ``domain.ledger.Reach.pair`` has them."""
    reach = frappe.qb.DocType("Visitor Reach")
    query = frappe.qb.from_(reach).select(reach.reference_doctype, reach.reference_name, reach.visitor_id)
    return set(query.where(reach.visitor_id.isin(ids)).run())


def _as_text(field: Field) -> Cast:
    """Moments are read as texts: Python's own parser takes a tenth of the time of the driver's."""
    return Cast(field, "CHAR")


def _from_text(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def _texts(names: Sequence[str], values: Sequence[str | None]) -> dict[str, str]:
    return {name: value or "" for name, value in zip(names, values, strict=True)}
