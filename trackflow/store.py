"""The only writer of Click Event, Visitor, Visitor Session, Visitor Reach and Visitor Event; ``counters`` is its other half.

Everything here runs inside the caller's transaction and in sets: a few statements a batch, whatever its size.
"""

import json
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import frappe

from trackflow import counters, geoip, history, settings, short_urls
from trackflow.domain.clicks import DUPLICATE_WINDOW, RULES_VERSION, Click, Verdict
from trackflow.domain.ledger import (
    Known,
    Ledger,
    SettledClick,
    SettledPage,
    VisitorState,
    leaves_trace,
    settle_pages,
)
from trackflow.domain.page_views import PageView
from trackflow.domain.sessions import TIMEOUT, Session

_OWNER = "Guest"
_STANDARD_COLUMNS = ("name", "creation", "modified", "owner", "modified_by")

_SEE_ACTIVITY = "UPDATE tabVisitor SET last_activity = GREATEST(COALESCE(last_activity, %(at)s), %(at)s) WHERE name = %(id)s"


def load_known(seen: Sequence[Click] | Sequence[PageView]) -> Known:
    """Return what the database knows of the visitors of clicks or page views, whose rows it locks until the commit.

    The locks make workers with clicks of the same visitor wait for each other, so nothing read here can
    change before it is written. They are taken in one order, so two workers can't wait in a circle.
    """
    # The lock of a new visitor is its row, so there must be none for clicks without a visitor to write.
    ids = sorted({one.visitor_id for one in seen if leaves_trace(one)})
    if not ids:
        return Known()
    visitors = lock_visitors(ids)
    if not visitors:
        return Known()
    times = [one.at for one in seen]
    since, until = min(times) - TIMEOUT, max(times) + TIMEOUT
    # Nothing of the others can lie in that time, and looking would read pages that are long out of memory.
    lately = [name for name, visitor in visitors.items() if visitor.last_seen >= since]
    return Known(
        visitors=visitors,
        sessions=history.sessions(lately, since, until),
        human_clicks=history.human_clicks(
            lately, min(times) - DUPLICATE_WINDOW, max(times) + DUPLICATE_WINDOW
        ),
        reached=history.reached(list(visitors)),
    )


def write(ledger: Ledger) -> None:
    """Write all that ``ledger`` holds."""
    write_visitors_and_sessions(ledger)
    write_reaches(ledger)
    _write_events(ledger.clicks)
    counters.add(ledger)


def record_page_views(views: Sequence[PageView]) -> None:
    """Write page views, their sessions and what they change of their visitors; the same name twice counts once.

    Whether a view may be recorded, and whose it is, has been decided. Like a drain of clicks, this belongs into a
    transaction of its own under ``jobs.read_committed``: what it reads must be what the locks protect.
    """
    known = load_known(views)
    names = [view.name for view in views]
    there = set(
        frappe.get_all("Visitor Event", {"name": ("in", names or [""])}, pluck="name", order_by="name asc")
    )
    new = {view.name: view for view in views if view.name not in there}
    ledger = settle_pages(
        _with_campaigns(new.values()), known, {*short_urls.own_hosts(), *settings.websites()}
    )
    write_visitors_and_sessions(ledger)
    _write_pages(ledger.pages)


def write_visitors_and_sessions(ledger: Ledger) -> None:
    _write_visitors(ledger.visitors.values())
    _write_sessions(ledger.sessions.values())


def record_event(
    name: str, visitor_id: str, event_type: str, at: datetime, *, page_url: str, data: dict
) -> None:
    """Write one Visitor Event and mark the visitor as active; the same ``name`` twice is written once."""
    insert(
        "Visitor Event",
        ("visitor", "event_type", "timestamp", "page_url", "event_data"),
        [(name, at, visitor_id, event_type, at, page_url, json.dumps(data))],
    )
    frappe.db.sql(_SEE_ACTIVITY, {"at": at, "id": visitor_id})


def link_visitor(visitor_id: str, lead: str) -> None:
    """Note which lead a visitor became. The first one stays: a second lead of the same browser is seen by it."""
    frappe.db.sql(
        "UPDATE tabVisitor SET crm_lead = %s WHERE name = %s AND COALESCE(crm_lead, '') = ''",
        (lead, visitor_id),
    )


def relink_visitors(lead: str, new: str | None) -> None:
    """Let visitors that became ``lead`` have become ``new`` instead: it was renamed, or is gone."""
    frappe.db.set_value("Visitor", {"crm_lead": lead}, "crm_lead", new, update_modified=False)


def unlink_visitor(visitor_id: str, lead: str) -> None:
    """Take back that a visitor became ``lead``; nothing happens if it says another one."""
    frappe.db.sql(
        "UPDATE tabVisitor SET crm_lead = NULL WHERE name = %s AND crm_lead = %s", (visitor_id, lead)
    )


# ---------------------------------------------------------------- reading


def lock_visitors(ids: Sequence[str]) -> dict[str, VisitorState]:
    """Lock the rows of ``ids``, new ones included; return those that were there before as states."""
    now = frappe.utils.now()
    # Not INSERT IGNORE: that takes shared locks, and two workers that both want more wait for each other.
    insert("Visitor", ("visitor_id",), [(visitor_id, now, visitor_id) for visitor_id in ids], "name = name")
    return history.lock_visitors(ids)


def _with_campaigns(views: Iterable[PageView]) -> list[PageView]:
    """Name the campaign as a click on its link does, so that a landing page goes on with the click's session."""
    views = list(views)
    ids = sorted({view.utm.campaign for view in views} - {""})
    names = dict(
        frappe.get_all(
            "Link Campaign",
            {"campaign_id": ("in", ids or [""])},
            ["campaign_id", "name"],
            order_by="name asc",
            as_list=True,
        )
    )
    return [replace(view, campaign=names.get(view.utm.campaign, "")) for view in views]


# ---------------------------------------------------------------- writing


def insert(doctype: str, columns: Sequence[str], rows: Sequence[Sequence], update: str = "") -> None:
    """Insert rows of (name, moment of creation, *values of columns); rows that are there are updated or left.

    ``update`` is what follows ON DUPLICATE KEY UPDATE. The statement is put together from names that stand in
    this module; all values go in as parameters, a row each: the driver quotes a row quicker than its values,
    and texts much quicker than moments.
    """
    if not rows:
        return
    names = ", ".join(f"`{name}`" for name in (*_STANDARD_COLUMNS, *columns))
    verb, ending = ("INSERT", f" ON DUPLICATE KEY UPDATE {update}") if update else ("INSERT IGNORE", "")
    statement = f"{verb} INTO `tab{doctype}` ({names}) VALUES {', '.join(['%s'] * len(rows))}{ending}"
    frappe.db.sql(statement, [(name, at, at, _OWNER, _OWNER, *rest) for name, at, *rest in rows])


def _overwrite(columns: Iterable[str]) -> str:
    return ", ".join(f"`{name}` = VALUES(`{name}`)" for name in columns)


def _write_visitors(visitors: Iterable[VisitorState]) -> None:
    columns = (
        "visitor_id", "first_seen", "last_seen", "last_activity", "consent", "click_count", "session_count", "page_views",
        *history.VISITOR_TEXTS,
    )  # fmt: skip
    rows = [
        (v.visitor_id, str(v.first_seen), v.visitor_id, str(v.first_seen), str(v.last_seen), str(v.last_seen), v.consent, v.clicks,
         v.sessions, v.page_views, *(getattr(v, name) for name in history.VISITOR_TEXTS))
        for v in visitors
    ]  # fmt: skip
    rest = [name for name in columns if name not in ("last_activity", "visitor_id")]
    active = "last_activity = GREATEST(COALESCE(last_activity, VALUES(last_activity)), VALUES(last_activity))"
    insert(
        "Visitor",
        columns,
        rows,
        f"{_overwrite(rest)}, creation = VALUES(creation), {active}, {counters.ENGAGEMENT}",
    )


def _write_sessions(sessions: Iterable[Session]) -> None:
    columns = (
        "visitor_id", "session_start", "session_end", "duration_seconds", "is_bounce", "click_count", "page_views",
        *history.SESSION_TEXTS,
    )  # fmt: skip
    rows = [
        (s.name, str(s.start), s.visitor_id, str(s.start), str(s.end), s.duration_seconds, int(s.is_bounce), s.clicks,
         s.page_views, *(getattr(s, name) for name in history.SESSION_TEXTS))
        for s in sessions
    ]  # fmt: skip
    insert("Visitor Session", columns, rows, _overwrite(columns))


def _write_pages(pages: Sequence[SettledPage]) -> None:
    columns = ("visitor", "event_type", "timestamp", "session", "page_url", "referrer", "event_data")
    rows = [
        (view.name, str(view.at), view.visitor_id, "Page View", str(view.at), session, view.url, view.referrer,
         json.dumps({"consent": view.consent.value, "title": view.title}))
        for view, session in ((page.view, page.session) for page in pages)
    ]  # fmt: skip
    insert("Visitor Event", columns, rows)


def write_reaches(ledger: Ledger) -> None:
    columns = ("reference_doctype", "reference_name", "visitor_id", "first_click")
    # Names that sort by time, so that new rows go to the end of the table and not all over it.
    batch = f"{time.time_ns() // 1000:014x}{secrets.token_hex(5)}"
    rows = [
        (f"{batch}{number:05x}", str(reach.at), reach.doctype, reach.name, reach.visitor_id, str(reach.at))
        for number, reach in enumerate(ledger.reaches)
    ]
    insert("Visitor Reach", columns, rows)


_EVENT_COLUMNS = (
    "event_type", "visitor_id", "session", "tracked_link", "short_code", "campaign", "click_timestamp", "verdict",
    "verdict_reason", "rules_version", "is_unique", "is_campaign_unique", "consent", "device_type", "browser", "os",
    "country", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "variant", "targeting_rule",
    "page_url", "destination_url", "referrer", "ip_address", "user_agent", "event_data",
)  # fmt: skip


def _write_events(settled: Sequence[SettledClick]) -> None:
    country_of = geoip.lookup(settings.geoip_database())
    insert(
        "Click Event", _EVENT_COLUMNS, [_event_row(one, country_of(one.click.ip_address)) for one in settled]
    )


def _event_row(one: SettledClick, country: str) -> tuple:
    click, utm = one.click, one.click.utm
    at = str(click.at)
    return (
        click.name, at, "Click", one.visitor_id or None, one.session or None, click.link, click.code,
        click.campaign or None, at, one.ruling.verdict.value, one.ruling.reason, RULES_VERSION,
        int(one.is_unique), int(one.is_campaign_unique), click.consent.value, one.client.device_type,
        one.client.browser, one.client.os, country,
        utm.source, utm.medium, utm.campaign, utm.term, utm.content, click.variant, click.rule, click.page_url,
        click.destination_url, click.referrer, click.ip_address, click.user_agent,
        json.dumps(event_data(one)),
    )  # fmt: skip


def event_data(one: SettledClick) -> dict[str, str]:
    """Return what has no field of its own: the language, and for judging again who would be the visitor.

    Somebody who opted out is not noted there either.
    """
    data = {"language": one.click.language}
    is_kept = one.ruling.verdict in (Verdict.BOT, Verdict.INTERNAL) and one.click.visitor_id
    return data | {"visitor_id": one.click.visitor_id} if is_kept else data
