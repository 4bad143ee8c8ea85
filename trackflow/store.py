"""The only writer of Click Event, Visitor, Visitor Session, Visitor Reach, Visitor Event and all counters.

Everything here runs inside the caller's transaction and in sets: a few statements a batch, whatever its size.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

import frappe

from trackflow import history
from trackflow.domain.clicks import DUPLICATE_WINDOW, RULES_VERSION, Click
from trackflow.domain.ledger import Known, Ledger, SettledClick, Tally, VisitorState, leaves_trace
from trackflow.domain.sessions import TIMEOUT, Session

_OWNER = "Guest"

# 5 for each session, 2 for each click, 1 for each page view, 20 for each conversion, 100 at most. MariaDB
# assigns from left to right, so in an UPDATE this comes after what it is made of.
ENGAGEMENT = (
    "engagement_score = LEAST(100, 5 * session_count + 2 * click_count + page_views + 20 * conversion_count)"
)
_CAMPAIGN_RATIOS = """
    conversion_rate = IF(unique_visitors > 0, 100 * conversions / unique_visitors, 0),
    cost_per_click = IF(total_clicks > 0, budget / total_clicks, 0),
    cost_per_acquisition = IF(conversions > 0, budget / conversions, 0),
    roi_percentage = IF(budget > 0, 100 * (revenue - budget) / budget, 0)
"""
_SEE_ACTIVITY = "UPDATE tabVisitor SET last_activity = GREATEST(COALESCE(last_activity, %(at)s), %(at)s) WHERE name = %(id)s"
_COUNT_VISITOR_CONVERSION = (
    "UPDATE tabVisitor SET has_converted = 1, conversion_count = conversion_count + 1,"
    " last_conversion_date = GREATEST(COALESCE(last_conversion_date, %(on)s), %(on)s), "
    + ENGAGEMENT
    + " WHERE name = %(id)s"
)
_ADD_TO_LINK = """
    UPDATE `tabTracked Link` SET click_count = click_count + %(clicks)s,
    unique_visitor_count = unique_visitor_count + %(uniques)s,
    last_click = GREATEST(COALESCE(last_click, %(last)s), %(last)s) WHERE name = %(name)s
"""
_ADD_TO_VARIANT = "UPDATE `tabCampaign Link Variant` SET clicks = clicks + %s WHERE name = %s"
_COUNT_LINK_CONVERSION = (
    "UPDATE `tabTracked Link` SET conversion_count = conversion_count + 1 WHERE name = %s"
)
_COUNT_VARIANT_CONVERSION = (
    "UPDATE `tabCampaign Link Variant` SET conversions = conversions + 1 WHERE name = %s"
)
_COUNT_CAMPAIGN_CONVERSION = "UPDATE `tabLink Campaign` SET conversions = conversions + 1 WHERE name = %s"
_ADD_TO_CAMPAIGN = (
    "UPDATE `tabLink Campaign` SET total_clicks = total_clicks + %(clicks)s,"
    " unique_visitors = unique_visitors + %(uniques)s, " + _CAMPAIGN_RATIOS + " WHERE name = %(name)s"
)
_REFRESH_RATIOS = "UPDATE `tabLink Campaign` SET " + _CAMPAIGN_RATIOS + " WHERE name = %s"


def load_known(clicks: Sequence[Click]) -> Known:
    """Return what the database knows of the visitors of ``clicks``, whose rows it locks until the commit.

    The locks make workers with clicks of the same visitor wait for each other, so nothing read here can
    change before it is written. They are taken in one order, so two workers can't wait in a circle.
    """
    # The lock of a new visitor is its row, so there must be none for clicks without a visitor to write.
    ids = sorted({click.visitor_id for click in clicks if leaves_trace(click)})
    if not ids:
        return Known()
    visitors = _lock_visitors(ids)
    times = [click.at for click in clicks]
    known_ids = list(visitors)
    if not known_ids:
        return Known()
    return Known(
        visitors=visitors,
        sessions=history.sessions(known_ids, min(times) - TIMEOUT, max(times) + TIMEOUT),
        human_clicks=history.human_clicks(
            known_ids, min(times) - DUPLICATE_WINDOW, max(times) + DUPLICATE_WINDOW
        ),
        reached=history.reached(known_ids),
    )


def write(ledger: Ledger) -> None:
    """Write all that ``ledger`` holds."""
    _write_visitors(ledger.visitors.values())
    _write_sessions(ledger.sessions.values())
    _write_reaches(ledger)
    _write_events(ledger.clicks)
    _add_to_links(ledger.links)
    _add_to_variants(ledger.variants)
    _add_to_campaigns(ledger.campaigns)


def record_event(
    name: str, visitor_id: str, event_type: str, at: datetime, *, page_url: str, data: dict
) -> None:
    """Write one Visitor Event and mark the visitor as active; the same ``name`` twice is written once."""
    _insert(
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


def count_conversion(
    visitor_id: str, at: datetime, links: Sequence[tuple[str, str]], campaigns: Iterable[str]
) -> None:
    """Add one conversion to a visitor, to its ``links`` ((link, variant) pairs) and to its ``campaigns``."""
    frappe.db.sql(_COUNT_VISITOR_CONVERSION, {"on": at.date(), "id": visitor_id})
    # In the same order as clicks are counted, so that a drain and this can't wait for each other.
    for link in sorted({link for link, _variant in links}):
        frappe.db.sql(_COUNT_LINK_CONVERSION, link)
    for name in _variant_names(links).values():
        frappe.db.sql(_COUNT_VARIANT_CONVERSION, name)
    for campaign in sorted(campaigns):
        frappe.db.sql(_COUNT_CAMPAIGN_CONVERSION, campaign)
        refresh_ratios(campaign)


def set_revenue(campaign: str, revenue: float) -> None:
    """Set what a campaign earned; nothing happens if ``campaign`` is no Link Campaign."""
    frappe.db.sql("UPDATE `tabLink Campaign` SET revenue = %s WHERE name = %s", (revenue, campaign))
    refresh_ratios(campaign)


def refresh_ratios(campaign: str) -> None:
    frappe.db.sql(_REFRESH_RATIOS, campaign)


def keep_counters(doc: "frappe.model.document.Document", fieldnames: Iterable[str]) -> None:
    """Put the counters as they now stand into ``doc`` before it is saved.

    A form holds the figures of the moment it was opened, and saving writes all fields. The row is locked, so
    that nothing is counted between this and the commit.
    """
    if doc.is_new():
        doc.update(dict.fromkeys(fieldnames, 0))
        return
    current = frappe.db.get_value(doc.doctype, doc.name, list(fieldnames), as_dict=True, for_update=True)
    doc.update(current or {})


# ---------------------------------------------------------------- reading


def _lock_visitors(ids: Sequence[str]) -> dict[str, VisitorState]:
    """Lock the rows of ``ids``, new ones included; return those that were there before as states."""
    now = frappe.utils.now()
    # Not INSERT IGNORE: that takes shared locks, and two workers that both want more wait for each other.
    _insert("Visitor", ("visitor_id",), [(visitor_id, now, visitor_id) for visitor_id in ids], "name = name")
    visitor = frappe.qb.DocType("Visitor")
    rows = (
        frappe.qb.from_(visitor)
        .select(
            "name",
            "first_seen",
            "last_seen",
            "consent",
            "click_count",
            "session_count",
            *history.VISITOR_TEXTS,
        )
        .where(visitor.name.isin(ids))
        .orderby(visitor.name)
        .for_update()
        .run(as_dict=True)
    )
    return {row.name: history.visitor_state(row) for row in rows if row.first_seen}


# ---------------------------------------------------------------- writing


def _insert(doctype: str, columns: Sequence[str], rows: Sequence[Sequence], update: str = "") -> None:
    """Insert rows of (name, moment of creation, *values of columns); rows that are there are updated or left.

    ``update`` is what follows ON DUPLICATE KEY UPDATE. The statement is put together from names that stand in
    this module; all values go in as parameters. The query builder would take longer than all the rest.
    """
    if not rows:
        return
    names = ", ".join(
        f"`{name}`" for name in ("name", "creation", "modified", "owner", "modified_by", *columns)
    )
    places = "(%s, %s, %s, %s, %s" + ", %s" * len(columns) + ")"
    verb, ending = ("INSERT", f" ON DUPLICATE KEY UPDATE {update}") if update else ("INSERT IGNORE", "")
    statement = f"{verb} INTO `tab{doctype}` ({names}) VALUES {', '.join([places] * len(rows))}{ending}"
    values = [value for name, at, *rest in rows for value in (name, at, at, _OWNER, _OWNER, *rest)]
    frappe.db.sql(statement, tuple(values))


def _overwrite(columns: Iterable[str]) -> str:
    return ", ".join(f"`{name}` = VALUES(`{name}`)" for name in columns)


def _write_visitors(visitors: Iterable[VisitorState]) -> None:
    columns = (
        "visitor_id", "first_seen", "last_seen", "last_activity", "consent", "click_count", "session_count",
        *history.VISITOR_TEXTS,
    )  # fmt: skip
    rows = [
        (v.visitor_id, v.first_seen, v.visitor_id, v.first_seen, v.last_seen, v.last_seen, v.consent, v.clicks,
         v.sessions, *(getattr(v, name) for name in history.VISITOR_TEXTS))
        for v in visitors
    ]  # fmt: skip
    rest = [name for name in columns if name not in ("last_activity", "visitor_id")]
    active = "last_activity = GREATEST(COALESCE(last_activity, VALUES(last_activity)), VALUES(last_activity))"
    _insert(
        "Visitor", columns, rows, f"{_overwrite(rest)}, creation = VALUES(creation), {active}, {ENGAGEMENT}"
    )


def _write_sessions(sessions: Iterable[Session]) -> None:
    columns = (
        "visitor_id", "session_start", "session_end", "duration_seconds", "is_bounce", "click_count", "page_views",
        *history.SESSION_TEXTS,
    )  # fmt: skip
    rows = [
        (s.name, s.start, s.visitor_id, s.start, s.end, s.duration_seconds, int(s.is_bounce), s.clicks,
         s.page_views, *(getattr(s, name) for name in history.SESSION_TEXTS))
        for s in sessions
    ]  # fmt: skip
    _insert("Visitor Session", columns, rows, _overwrite(columns))


def _write_reaches(ledger: Ledger) -> None:
    columns = ("reference_doctype", "reference_name", "visitor_id", "first_click")
    rows = [
        (frappe.generate_hash(length=20), reach.at, reach.doctype, reach.name, reach.visitor_id, reach.at)
        for reach in ledger.reaches
    ]
    _insert("Visitor Reach", columns, rows)


_EVENT_COLUMNS = (
    "event_type", "visitor_id", "session", "tracked_link", "short_code", "campaign", "click_timestamp", "verdict",
    "verdict_reason", "rules_version", "is_unique", "consent", "device_type", "browser", "os", "utm_source",
    "utm_medium", "utm_campaign", "utm_term", "utm_content", "variant", "page_url", "destination_url", "referrer",
    "ip_address", "user_agent", "event_data",
)  # fmt: skip


def _write_events(settled: Sequence[SettledClick]) -> None:
    _insert("Click Event", _EVENT_COLUMNS, [_event_row(one) for one in settled])


def _event_row(one: SettledClick) -> tuple:
    click, utm = one.click, one.click.utm
    return (
        click.name, click.at, "Click", one.visitor_id or None, one.session or None, click.link, click.code,
        click.campaign or None, click.at, one.ruling.verdict.value, one.ruling.reason, RULES_VERSION,
        int(one.is_unique), click.consent.value, one.client.device_type, one.client.browser, one.client.os,
        utm.source, utm.medium, utm.campaign, utm.term, utm.content, click.variant, click.page_url,
        click.destination_url, click.referrer, click.ip_address, click.user_agent,
        json.dumps({"language": click.language}),
    )  # fmt: skip


def _add_to_links(tallies: dict[str, Tally]) -> None:
    for link, tally in sorted(tallies.items()):
        counts = {"clicks": tally.clicks, "uniques": tally.uniques, "last": tally.last_click, "name": link}
        frappe.db.sql(_ADD_TO_LINK, counts)


def _add_to_variants(tallies: dict[tuple[str, str], Tally]) -> None:
    for pair, name in _variant_names(tallies).items():
        frappe.db.sql(_ADD_TO_VARIANT, (tallies[pair].clicks, name))


def _variant_names(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the names of those (link, variant) pairs that are there, in one order.

    Updates by name lock the row and nothing else; by link and variant they would lock an index first, and
    meet somebody who deletes the variant and locks the other way round.
    """
    wanted = {(link, variant) for link, variant in pairs if variant}
    if not wanted:
        return {}
    rows = frappe.get_all(
        "Campaign Link Variant",
        {"tracked_link": ("in", {link for link, _variant in wanted})},
        ["name", "tracked_link", "variant_name"],
        order_by="name asc",
    )
    found = {(row.tracked_link, row.variant_name): row.name for row in rows}
    return {pair: name for pair, name in found.items() if pair in wanted}


def _add_to_campaigns(tallies: dict[str, Tally]) -> None:
    for campaign, tally in sorted(tallies.items()):
        counts = {"clicks": tally.clicks, "uniques": tally.uniques, "name": campaign}
        frappe.db.sql(_ADD_TO_CAMPAIGN, counts)
