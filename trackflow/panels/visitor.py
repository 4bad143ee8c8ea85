"""The journey of a visitor for the form: visits, clicks, other events and conversions in one order, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import frappe
from frappe.utils import get_datetime

from trackflow import messages
from trackflow.analytics import labels
from trackflow.integrations.crm import values

PAGE = 25


@dataclass(frozen=True)
class Source:
    """A table with the columns that say whose a row is and of when, and what is told of it."""

    doctype: str
    visitor: str
    time: str
    told: tuple[str, ...]


# In the order in which they happen where times are the same: a click begins a visit.
SOURCES = (
    Source("Visitor Session", "visitor_id", "session_start", (
        "source", "medium", "campaign", "device_type", "browser", "os",
    )),
    Source("Click Event", "visitor_id", "click_timestamp", (
        "tracked_link", "short_code", "campaign", "verdict", "verdict_reason", "variant", "country",
    )),
    Source("Visitor Event", "visitor", "timestamp", ("event_type", "page_url")),
    Source("Conversion", "visitor", "conversion_date", (
        "conversion_type", "value", "source_campaign", "reference_doctype", "reference_name",
    )),
)  # fmt: skip

# Time, place in SOURCES and name: no two entries have the same.
Place = tuple[datetime, int, str]


def page(visitor: str, before: Sequence[str | int] | None = None) -> dict:
    """Return ``{"entries", "before"}``: a page of the journey, the oldest first, that ends ``before`` an earlier page.

    Each entry has doctype, name, time (site time) and what that DocType tells; clicks have the ``title`` of their
    link, conversions the ``currency`` of their value. ``before``: what the page after this one in time gave, None
    for the latest; in the answer None if there is nothing earlier. Asks nobody for rights.
    """
    limit = _place(before) if before else None
    found = [entry for kind in range(len(SOURCES)) for entry in _entries(visitor, kind, limit)]
    latest = sorted(found, key=lambda entry: entry["place"])[-PAGE:]
    more = len(found) > len(latest)
    entries = [{key: value for key, value in entry.items() if key != "place"} for entry in latest]
    _put_into_words(entries)
    return {"entries": entries, "before": _written(latest[0]["place"]) if more else None}


def _entries(visitor: str, kind: int, limit: Place | None) -> list[dict]:
    """Return at most one entry more than a page of one kind, the latest: that one tells whether there are more."""
    source = SOURCES[kind]
    table = frappe.qb.DocType(source.doctype)
    time = table[source.time]
    query = frappe.qb.from_(table).select(
        table.name, time.as_("time"), *(table[name] for name in source.told)
    )
    query = query.where(table[source.visitor] == visitor).orderby(time, table.name, order=frappe.qb.desc)
    if limit:
        query = query.where(_earlier(time, table.name, kind, limit))
    rows = query.limit(PAGE + 1).run(as_dict=True)
    return [{**row, "doctype": source.doctype, "place": (row.time, kind, row.name)} for row in rows]


def _earlier(
    time: "frappe.qb.Field", name: "frappe.qb.Field", kind: int, limit: Place
) -> "frappe.qb.Criterion":
    """Return the condition that a row of ``kind`` stands before ``limit``."""
    at, limit_kind, limit_name = limit
    if kind != limit_kind:
        return time <= at if kind < limit_kind else time < at
    return (time < at) | ((time == at) & (name < limit_name))


def _put_into_words(entries: list[dict]) -> None:
    titles = labels.of_links(entry.get("tracked_link") for entry in entries)
    for entry in entries:
        if entry["doctype"] == "Click Event":
            entry["title"] = titles.get(entry["tracked_link"]) or entry["short_code"]
            entry["verdict_reason"] = messages.verdict_reason(entry["verdict_reason"])
        elif entry["doctype"] == "Conversion":
            entry["currency"] = values.company_currency()


def _place(written: Sequence[str | int]) -> Place:
    time, kind, name = written
    return get_datetime(time), int(kind), str(name)


def _written(place: Place) -> list[str | int]:
    return [str(place[0]), place[1], place[2]]
