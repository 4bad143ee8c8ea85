"""What TrackFlow adds to the time in which a lead or deal is saved."""

import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import frappe

from trackflow.integrations import crm

SAVES = 40
STATUSES = {"CRM Lead": ("New", "Contacted"), "CRM Deal": ("Qualification", "Negotiation")}


def run() -> dict[str, tuple[float, float]]:
    """Return {what is saved: (ms without TrackFlow's events, ms that they add)}, medians; {} without Frappe CRM.

    With and without take turns, each in a transaction of its own up to the end of its commit, when the job for the
    credit has been asked for.
    """
    if not crm.is_installed():
        return {}
    found = {}
    for doctype in STATUSES:
        doc = _insert(doctype)
        try:
            found[f"{doctype}, another title"] = _compare(doctype, doc, _touch)
            found[f"{doctype}, another status"] = _compare(doctype, doc, _move)
        finally:
            frappe.delete_doc(doctype, doc, force=True)
            frappe.db.commit()
    return found


def report() -> None:
    results = run()
    if not results:
        print("Saves: Frappe CRM is not installed on this site")
        return
    print(f"Saves (medians of {SAVES}, with and without TrackFlow in turns)")
    for what, (without, extra) in results.items():
        print(f"  {what}: {without:.1f} ms, and {extra:.1f} ms more with TrackFlow")


def _compare(doctype: str, name: str, change: Callable[[object, int], None]) -> tuple[float, float]:
    with_it, without = [], []
    for turn in range(SAVES):
        with_it.append(_milliseconds(doctype, name, change, turn * 2))
        with _no_trackflow():
            without.append(_milliseconds(doctype, name, change, turn * 2 + 1))
    floor = statistics.median(without)
    return floor, statistics.median(with_it) - floor


def _milliseconds(doctype: str, name: str, change: Callable[[object, int], None], turn: int) -> float:
    doc = frappe.get_doc(doctype, name)
    change(doc, turn)
    started = time.perf_counter()
    doc.save()
    frappe.db.commit()
    return (time.perf_counter() - started) * 1000


def _touch(doc: "frappe.model.document.Document", turn: int) -> None:
    doc.website = f"https://example.com/{turn}"


def _move(doc: "frappe.model.document.Document", turn: int) -> None:
    """Another status each time that TrackFlow looks, which is every second turn."""
    doc.status = STATUSES[doc.doctype][turn // 2 % 2]


@contextmanager
def _no_trackflow() -> Iterator[None]:
    """Let documents of this process be saved as if TrackFlow were not installed."""
    hooks = frappe.get_doc_hooks()
    frappe.local.doc_events_hooks = {
        doctype: {
            event: [handler for handler in handlers if not handler.startswith("trackflow.")]
            for event, handlers in events.items()
        }
        for doctype, events in hooks.items()
    }
    try:
        yield
    finally:
        frappe.local.doc_events_hooks = hooks


def _insert(doctype: str) -> str:
    person = {"first_name": "Ada", "last_name": secrets.token_hex(4)} if doctype == "CRM Lead" else {}
    doc = frappe.get_doc(doctype=doctype, status=STATUSES[doctype][0], **person).insert()
    frappe.db.commit()
    return doc.name
