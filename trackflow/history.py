"""What is known of visitors: their sessions, their human clicks, and which links and campaigns they have reached.

Every drain asks this of a thousand visitors at a time. So the statements are put together here from constants
(the query builder takes its time for each visitor), and all columns come as one JSON text (the driver takes its
time for each value, and most for moments).
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

import frappe

from trackflow.domain.clicks import Verdict
from trackflow.domain.ledger import VisitorState
from trackflow.domain.rules import SECOND, Client, Sighting
from trackflow.domain.sessions import Session

VISITOR_TEXTS = ("source", "medium", "campaign", "term", "content", "referrer", "ip_address", "user_agent")
SESSION_TEXTS = ("source", "medium", "campaign", "entry_page", "exit_page", "device_type", "browser", "os")

_VISITORS = """
    SELECT JSON_ARRAY(name, first_seen, last_seen, consent, click_count, session_count, page_views, {})
    FROM tabVisitor WHERE name IN %(ids)s ORDER BY name FOR UPDATE
""".format(", ".join(VISITOR_TEXTS))
_SESSIONS = """
    SELECT JSON_ARRAY(name, visitor_id, session_start, session_end, click_count, page_views, {})
    FROM `tabVisitor Session`
    WHERE visitor_id IN %(ids)s AND session_end >= %(since)s AND session_start <= %(until)s
""".format(", ".join(SESSION_TEXTS))
_HUMAN_CLICKS = """
    SELECT JSON_ARRAY(visitor_id, tracked_link, click_timestamp) FROM `tabClick Event`
    WHERE visitor_id IN %(ids)s AND click_timestamp BETWEEN %(since)s AND %(until)s AND verdict = %(human)s
"""
_REACHED = """
    SELECT JSON_ARRAY(reference_doctype, reference_name, visitor_id) FROM `tabVisitor Reach`
    WHERE visitor_id IN %(ids)s
"""
# By the index on click_timestamp, over a few seconds.
_SIGHTINGS = """
    SELECT click_timestamp, tracked_link FROM `tabClick Event`
    WHERE click_timestamp > %(since)s AND click_timestamp < %(until)s
    AND ip_address = %(address)s AND user_agent = %(user_agent)s
"""


def lock_visitors(ids: Sequence[str]) -> dict[str, VisitorState]:
    """Lock the visitors ``ids`` until the commit, in one order, and return those that have been seen."""
    # Not in the WHERE: InnoDB may give back the locks of rows that it sorts out.
    return {row[0]: _visitor_state(*row) for row in _rows(_VISITORS, ids=ids) if row[1]}


def _visitor_state(
    name: str,
    first: str,
    last: str,
    consent: str | None,
    clicks: int,
    sessions: int,
    pages: int,
    *texts: str | None,
) -> VisitorState:
    return VisitorState(
        visitor_id=name,
        first_seen=datetime.fromisoformat(first),
        last_seen=datetime.fromisoformat(last),
        consent=consent or "",
        clicks=clicks,
        sessions=sessions,
        page_views=pages,
        **_texts(VISITOR_TEXTS, texts),
    )


def sessions(ids: Sequence[str], since: datetime, until: datetime) -> dict[str, dict[str, Session]]:
    """Return the sessions of visitors ``ids`` that touch the time between (site time), by visitor and name."""
    loaded: dict[str, dict[str, Session]] = {}
    for row in _rows(_SESSIONS, ids=ids, since=since, until=until):
        session = _session(*row)
        loaded.setdefault(session.visitor_id, {})[session.name] = session
    return loaded


def _session(
    name: str, visitor_id: str, start: str, end: str, clicks: int, page_views: int, *texts: str | None
) -> Session:
    return Session(
        name=name,
        visitor_id=visitor_id,
        start=datetime.fromisoformat(start),
        end=datetime.fromisoformat(end),
        clicks=clicks,
        page_views=page_views,
        **_texts(SESSION_TEXTS, texts),
    )


def human_clicks(
    ids: Sequence[str], since: datetime, until: datetime
) -> dict[tuple[str, str], list[datetime]]:
    """Return when visitors ``ids`` clicked in the time between (site time), by (visitor, link)."""
    rows = _rows(_HUMAN_CLICKS, ids=ids, since=since, until=until, human=Verdict.HUMAN.value)
    times: dict[tuple[str, str], list[datetime]] = {}
    for visitor_id, link, at in rows:
        times.setdefault((visitor_id, link), []).append(datetime.fromisoformat(at))
    return times


def reached(ids: Sequence[str]) -> set[tuple[str, str, str]]:
    """Return the pairs of visitors ``ids``, as ``domain.ledger.Reach.pair`` has them."""
    return set(map(tuple, _rows(_REACHED, ids=ids)))


def _rows(statement: str, *, ids: Sequence[str], **values: object) -> Iterator[list]:
    """Return the rows of ``statement``, none if there are no ids. Moments come as ISO texts."""
    found = frappe.db.sql(statement, {"ids": tuple(ids), **values}) if ids else ()
    return (json.loads(packed) for (packed,) in found)


def _texts(names: Sequence[str], values: Sequence[str | None]) -> dict[str, str]:
    return {name: value or "" for name, value in zip(names, values, strict=True)}


def sightings(suspects: Sequence[Sighting]) -> list[Sighting]:
    """Return what the clients of ``suspects`` opened within a second of those, as far as events say."""
    found: list[Sighting] = []
    for client, times in _times_by_client(suspects).items():
        rows = frappe.db.sql(
            _SIGHTINGS, {"since": min(times) - SECOND, "until": max(times) + SECOND, **client._asdict()}
        )
        found += [Sighting(client, at, link) for at, link in rows]
    return found


def _times_by_client(suspects: Sequence[Sighting]) -> dict[Client, list[datetime]]:
    times: dict[Client, list[datetime]] = {}
    for client, at, _link in suspects:
        times.setdefault(client, []).append(at)
    return times
