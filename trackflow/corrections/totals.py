"""Daily totals and counters compared with the events, and put right from them.

The events say what the totals of a day are, and the totals, which stay when old events are deleted, say what links,
campaigns and variants count. So days are compared from the first one whose events are all there, and counters
always. Visitors and their sessions are compared if they were first seen since that day.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import frappe
from frappe.query_builder.functions import Count
from frappe.utils import getdate

from trackflow import counters, jobs
from trackflow.domain.clicks import Verdict
from trackflow.domain.daily_totals import FIELDS, NUMBERS, Day

VISITORS_AT_ONCE = 1_000

_NOTHING = (0,) * len(NUMBERS)

_TOTALS = f"""
    SELECT name, `date`, tracked_link, COALESCE(campaign, ''), COALESCE(variant, ''), {", ".join(NUMBERS)}
    FROM `tabClick Daily Total`
    WHERE `date` = %(day)s AND (%(link)s = '' OR tracked_link = %(link)s)
"""
# Variants that differ in case only are two to us, as they are to Python.
_EVENTS = f"""
    SELECT DATE(click_timestamp) day, tracked_link link, COALESCE(campaign, '') of_campaign,
    COALESCE(variant, '') COLLATE utf8mb4_bin of_variant,
    {", ".join(f"SUM(verdict = '{verdict.value}')" for verdict in FIELDS)},
    SUM(is_unique), SUM(is_campaign_unique) FROM `tabClick Event`
    WHERE click_timestamp >= %(day)s AND click_timestamp < %(next_day)s
    AND (%(link)s = '' OR tracked_link = %(link)s) GROUP BY day, link, of_campaign, of_variant
"""
_VISITORS = """
    SELECT name, click_count, session_count FROM tabVisitor
    WHERE name > %(after)s AND first_seen >= %(since)s ORDER BY name LIMIT %(limit)s
"""


class Difference(NamedTuple):
    """A number that is not what it should be. about: the document's name, or the day of a daily total."""

    doctype: str
    about: str
    field: str
    stored: int
    counted: int


def check(since: str = "", link: str = "") -> list[Difference]:
    """Return where totals and counters are not what the events say. Changes nothing.

    since: compare days from this date on, instead of from the first whose events are all there; link: of this
    Tracked Link only. What is drained in the meantime may show up as a difference: look twice.
    """
    start = getdate(since) if since else covered_since()
    found = [each for day in _days(start) for each in _day_differences(day, link)]
    found += [each for doctype in counters.SUMS for each in _counter_differences(doctype, link)]
    if start and not link:
        found += [each for batch in _visitors(start) for each in _visitor_differences(batch)]
    return found


def rebuild(since: str = "", link: str = "") -> int:
    """Put right what ``check`` with the same arguments finds; return how many numbers were wrong.

    Clicks may come in meanwhile: each day, counter and batch of visitors is locked while it is counted.
    """
    frappe.db.commit()
    start, wrong = getdate(since) if since else covered_since(), 0
    for day in _days(start):
        if _day_differences(day, link):
            wrong += rebuild_day(day, link)
    for doctype in counters.SUMS:
        for name in sorted({each.about for each in _counter_differences(doctype, link)}):
            wrong += rebuild_counter(doctype, name)
    for batch in _visitors(start) if start and not link else ():
        if _visitor_differences(batch):
            wrong += rebuild_visitors([row[0] for row in batch])
    return wrong


def covered_since() -> date | None:
    """Return the first day whose events are all there, or None without any.

    Where there are totals of days before the oldest event, events were deleted, and of that event's own day
    some may be gone, too.
    """
    oldest = frappe.db.get_value("Click Event", {}, "click_timestamp", order_by="click_timestamp asc")
    if not oldest:
        return None
    earlier = frappe.db.exists("Click Daily Total", {"date": ("<", oldest.date())})
    return oldest.date() + timedelta(days=1 if earlier else 0)


# ---------------------------------------------------------------- days


def _days(start: date | None) -> Iterator[date]:
    newest = [
        frappe.db.get_value("Click Event", {}, "click_timestamp", order_by="click_timestamp desc"),
        frappe.db.get_value("Click Daily Total", {}, "date", order_by="date desc"),
    ]
    last = max((getdate(each) for each in newest if each), default=None)
    if start and last:
        yield from (start + timedelta(days=number) for number in range((last - start).days + 1))


def _counted(day: date, link: str) -> dict[Day, tuple[int, ...]]:
    limits = {"day": day, "next_day": day + timedelta(days=1), "link": link}
    return {Day(*row[:4]): tuple(map(int, row[4:])) for row in frappe.db.sql(_EVENTS, limits)}


def _stored(day: date, link: str) -> dict[str, tuple[Day, tuple[int, ...]]]:
    rows = frappe.db.sql(_TOTALS, {"day": day, "link": link})
    return {row[0]: (Day(*row[1:5]), row[5:]) for row in rows}


def _day_differences(day: date, link: str) -> list[Difference]:
    counted = {one.name: (one, numbers) for one, numbers in _counted(day, link).items()}
    return _compare(_stored(day, link), counted)


def _compare(stored: dict[str, tuple], counted: dict[str, tuple]) -> list[Difference]:
    found = []
    for name in sorted({*stored, *counted}):
        about, _numbers = stored.get(name) or counted[name]
        pairs = zip(
            NUMBERS,
            stored.get(name, (about, _NOTHING))[1],
            counted.get(name, (about, _NOTHING))[1],
            strict=True,
        )
        label = " ".join(filter(None, (str(about.date), *about[1:])))
        found += [Difference("Click Daily Total", label, *each) for each in pairs if each[1] != each[2]]
    return found


@jobs.retried
def rebuild_day(day: date, link: str = "") -> int:
    """Count the events of ``day`` again and set its totals; return how many numbers were wrong.

    The rows are made and locked before the events are read: a batch that is being written either was seen as
    a whole, or adds to the rows after this. A row that comes up only now is a newer batch's, and right.
    """
    with jobs.read_committed():
        stored = {name: about for name, (about, _numbers) in _stored(day, link).items()}
        locked = stored | {one.name: one for one in _counted(day, link)}
        counters.lock_days(locked)
        counted = {one.name: (one, numbers) for one, numbers in _counted(day, link).items()}
        before = {name: row for name, row in _stored(day, link).items() if name in locked}
        found = _compare(before, {name: row for name, row in counted.items() if name in locked})
        counters.set_days({name: counted.get(name, (day_of, _NOTHING)) for name, day_of in locked.items()})
    return len(found)


# ---------------------------------------------------------------- links, variants, campaigns


def _counter_differences(doctype: str, link: str) -> list[Difference]:
    names = _names_of_link(doctype, link) if link else None
    if names == []:
        return []
    fields = counters.SUMS[doctype].fields
    filters = {"name": ("in", names)} if names else {}
    rows = frappe.get_all(doctype, filters, ["name", *fields], order_by="name asc", as_list=True)
    sums = counters.sums_of_days(doctype)
    return [
        Difference(doctype, name, field, stored, counted)
        for name, *numbers in rows
        for field, stored, counted in zip(fields, numbers, sums.get(name, (0, 0)), strict=False)
        if stored != counted
    ]


def _names_of_link(doctype: str, link: str) -> list[str]:
    if doctype == "Tracked Link":
        return [link]
    if doctype == "Link Campaign":
        return [name for name in [frappe.db.get_value("Tracked Link", link, "campaign")] if name]
    return frappe.get_all(doctype, {"tracked_link": link}, pluck="name", order_by="name asc")


@jobs.retried
def rebuild_counter(doctype: str, name: str) -> int:
    """Set what one link, variant or campaign counts to the sums of its daily totals; return how many were wrong."""
    with jobs.read_committed():
        return counters.set_to_sums(doctype, name)


# ---------------------------------------------------------------- visitors


def _visitors(since: date) -> Iterator[list[tuple]]:
    after = ""
    while batch := frappe.db.sql(_VISITORS, {"after": after, "since": since, "limit": VISITORS_AT_ONCE}):
        yield list(batch)
        after = batch[-1][0]


def _visitor_differences(batch: Sequence[tuple]) -> list[Difference]:
    sessions, clicks = _sessions_of(batch), _clicks_of(batch)
    found = []
    for visitor, stored_clicks, stored_sessions in batch:
        own = sessions.get(visitor, {})
        counted = clicks.get(visitor, {})
        numbers = [("Visitor", visitor, "click_count", stored_clicks, sum(counted.values()))]
        numbers += [("Visitor", visitor, "session_count", stored_sessions, len(own))]
        numbers += [("Visitor Session", s, "click_count", own[s], counted.get(s, 0)) for s in own]
        found += [Difference(*each) for each in numbers if each[3] != each[4]]
    return found


def _sessions_of(batch: Sequence[tuple]) -> dict[str, dict[str, int]]:
    rows = frappe.get_all(
        "Visitor Session",
        {"visitor_id": ("in", [row[0] for row in batch])},
        ["visitor_id", "name", "click_count"],
        order_by="name asc",
        as_list=True,
    )
    found: dict[str, dict[str, int]] = {}
    for visitor, session, clicks in rows:
        found.setdefault(visitor, {})[session] = clicks
    return found


def _clicks_of(batch: Sequence[tuple]) -> dict[str, dict[str, int]]:
    event = frappe.qb.DocType("Click Event")
    rows = (
        frappe.qb.from_(event)
        .select(event.visitor_id, event.session, Count("*"))
        .where(event.visitor_id.isin([row[0] for row in batch]) & (event.verdict == Verdict.HUMAN.value))
        .groupby(event.visitor_id, event.session)
    ).run()
    found: dict[str, dict[str, int]] = {}
    for visitor, session, clicks in rows:
        found.setdefault(visitor, {})[session] = clicks
    return found


@jobs.retried
def rebuild_visitors(names: Sequence[str]) -> int:
    """Count clicks and sessions of visitors again; return how many numbers were wrong."""
    with jobs.read_committed():
        batch = counters.lock_visitors(names)
        found = _visitor_differences(batch)
        for each in found:
            counters.set_number(each.doctype, each.about, each.field, each.counted)
    return len(found)
