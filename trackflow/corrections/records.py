"""Writes what is judged anew: the part of the one writer (``store``, ``counters``) that changes what is there.

Inside the caller's transaction, whose visitors are locked, and in the order in which new clicks are written.
"""

import json
from collections.abc import Iterable, Sequence

import frappe
from frappe.utils import now_datetime

from trackflow import counters, store
from trackflow.domain.clicks import RULES_VERSION, Ruling
from trackflow.domain.ledger import SettledClick
from trackflow.domain.rejudgement import Change, Correction, Pair

_EVENT_COLUMNS = (
    "verdict", "verdict_reason", "rules_version", "visitor_id", "session", "is_unique", "is_campaign_unique",
    "device_type", "event_data",
)  # fmt: skip
_CHANGE_COLUMNS = (
    "click_event", "tracked_link", "campaign", "click_timestamp", "rejudgement", "changed_at", "changed_by",
    "old_verdict", "old_reason", "old_rules_version", "new_verdict", "new_reason", "new_rules_version",
)  # fmt: skip
_DROP_REACH = (
    "DELETE FROM `tabVisitor Reach` WHERE reference_doctype = %s AND reference_name = %s AND visitor_id = %s"
)
_MOVE_REACH = (
    "UPDATE `tabVisitor Reach` SET first_click = %s"
    " WHERE reference_doctype = %s AND reference_name = %s AND visitor_id = %s"
)
_EMPTY_SESSIONS = """
    SELECT name, visitor_id FROM `tabVisitor Session` session WHERE name IN %(names)s AND page_views = 0
    AND NOT EXISTS (SELECT 1 FROM `tabClick Event` event
    WHERE event.visitor_id = session.visitor_id AND event.session = session.name)
"""
_EMPTY_VISITORS = """
    SELECT name FROM tabVisitor visitor WHERE name IN %(names)s AND session_count <= 0 AND page_views = 0
    AND conversion_count = 0 AND COALESCE(crm_lead, '') = ''
    AND NOT EXISTS (SELECT 1 FROM `tabVisitor Reach` WHERE visitor_id = visitor.name)
    AND NOT EXISTS (SELECT 1 FROM `tabVisitor Event` WHERE visitor = visitor.name)
"""
_LAST_CLICK = (
    "SELECT MAX(click_timestamp) FROM `tabClick Event` WHERE tracked_link = %s AND verdict = 'human'"
)


def write(changes: Sequence[Change], correction: Correction, rejudgement: str) -> None:
    """Write ``changes`` of verdicts and all that follows from them; ``rejudgement`` names what brought them."""
    ledger = correction.ledger
    store.write_visitors_and_sessions(ledger)
    _drop_reaches(correction.lost)
    _pass_on(correction)
    store.write_reaches(ledger)
    _change_events(ledger.clicks)
    _note(changes, rejudgement)
    counters.add(ledger)
    _refresh_last_clicks(changes)
    _sweep(changes)


def confirm(rulings: dict[str, Ruling]) -> None:
    """Note on events that keep their verdict with which reason and under which rules they do."""
    for name, ruling in sorted(rulings.items()):
        values = {"verdict_reason": ruling.reason, "rules_version": RULES_VERSION}
        frappe.db.set_value("Click Event", name, values, update_modified=False)


def _drop_reaches(pairs: Iterable[Pair]) -> None:
    for pair in sorted(pairs):
        frappe.db.sql(_DROP_REACH, pair)


def _pass_on(correction: Correction) -> None:
    for pair, heir in sorted(correction.heirs.items()):
        frappe.db.sql(_MOVE_REACH, (heir.at, *pair))
        field = "is_unique" if pair[0] == "Tracked Link" else "is_campaign_unique"
        frappe.db.set_value("Click Event", heir.name, field, 1, update_modified=False)


def _change_events(settled: Iterable[SettledClick]) -> None:
    for one in settled:
        values = (
            one.ruling.verdict.value, one.ruling.reason, RULES_VERSION, one.visitor_id or None, one.session or None,
            int(one.is_unique), int(one.is_campaign_unique), one.client.device_type, json.dumps(store.event_data(one)),
        )  # fmt: skip
        changed = dict(zip(_EVENT_COLUMNS, values, strict=True))
        frappe.db.set_value("Click Event", one.click.name, changed, update_modified=False)


def _note(changes: Sequence[Change], rejudgement: str) -> None:
    now, user = now_datetime(), frappe.session.user
    rows = [
        (frappe.generate_hash(length=20), now, one.click.name, one.click.link, one.click.campaign or None,
         one.click.at, rejudgement or None, now, user, one.ruling.verdict.value, one.ruling.reason, one.version,
         ruling.verdict.value, ruling.reason, RULES_VERSION)
        for one, ruling in changes
    ]  # fmt: skip
    store.insert("Verdict Change", _CHANGE_COLUMNS, rows)


def _refresh_last_clicks(changes: Iterable[Change]) -> None:
    """The links' rows are locked by now. Where the events of a link are all gone its last click stays."""
    for link in sorted({one.click.link for one, _ruling in changes}):
        ((last,),) = frappe.db.sql(_LAST_CLICK, link)
        if last or not frappe.db.get_value("Tracked Link", link, "click_count"):
            frappe.db.set_value("Tracked Link", link, "last_click", last, update_modified=False)


def _sweep(changes: Iterable[Change]) -> None:
    """Remove sessions and visitors of which nothing is left: robots leave no trace but the event."""
    sessions = sorted({one.session for one, _ruling in changes if one.session})
    for session, visitor in frappe.db.sql(_EMPTY_SESSIONS, {"names": sessions}) if sessions else ():
        frappe.db.delete("Visitor Session", {"name": session})
        left = frappe.db.get_value("Visitor", visitor, "session_count") or 0
        counters.set_number("Visitor", visitor, "session_count", max(0, left - 1))
    visitors = sorted({one.click.visitor_id for one, _ruling in changes if one.session})
    if empty := visitors and frappe.db.sql(_EMPTY_VISITORS, {"names": visitors}, pluck=True):
        frappe.db.delete("Visitor", {"name": ("in", empty)})
