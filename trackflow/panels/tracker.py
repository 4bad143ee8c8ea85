"""The tracker for the form of TrackFlow Settings: what to put into pages, and whether they tell of themselves."""

import time

import frappe
from frappe.utils import get_datetime, now_datetime

from trackflow import event_queue, tracker

# Between servers of a site, in microseconds.
CLOCKS_DIFFER = 60_000_000


def status() -> dict:
    """Return ``{"snippet", "last", "refused", "waiting"}``.

    snippet: HTML for pages elsewhere. last: ``{"page_url", "seconds"}`` of the last page view, and how long ago it was;
    None if there is none. refused: ``{"origin", "seconds"}`` of the last website within a day that may not tell. waiting: how many
    views wait to become events.
    """
    return {
        "snippet": f'<script async defer src="{tracker.script_url()}"></script>',
        "last": _last(),
        "refused": _refused(),
        "waiting": frappe.db.count(event_queue.DOCTYPE, {"status": "Pending"}),
    }


def _last() -> dict | None:
    waiting = _newest(event_queue.DOCTYPE)
    recorded = _newest("Visitor Event", event_type="Page View")
    found = max([*waiting, *recorded], key=lambda row: row.timestamp, default=None)
    return {"page_url": found.page_url, "seconds": _ago(found.timestamp)} if found else None


def _newest(doctype: str, **only: str) -> list[dict]:
    """Names of page views begin with their time, so the newest is found without looking at all.

    Those that a person has entered have other names, which would stand behind those of today.
    """
    named = {"name": ("<", f"{time.time_ns() // 1000 + CLOCKS_DIFFER:014x}")}
    return frappe.get_all(doctype, only | named, ["page_url", "timestamp"], order_by="name desc", limit=1)


def _refused() -> dict | None:
    found = tracker.last_refused()
    return {"origin": found["origin"], "seconds": _ago(found["at"])} if found else None


def _ago(at: object) -> int:
    return max(0, int((now_datetime() - get_datetime(at)).total_seconds()))
