"""Clicks, for those who look after them."""

import frappe

from trackflow import click_queue
from trackflow.corrections import totals
from trackflow.panels import days

MANAGERS = ("System Manager", "TrackFlow Manager")
# As many differences as a reader looks at; the command lists all of them.
SHOWN = 50
REBUILD_SECONDS = 3 * 60 * 60


@frappe.whitelist(methods=["POST"])
def retry(names: str | list | None = None) -> int:
    """Let failed rows of Click Queue, all or those of ``names``, be tried again; return how many.

    Raises PermissionError for those who may not change Click Queue.
    """
    frappe.has_permission("Click Queue", "write", throw=True)
    return click_queue.retry([str(name) for name in frappe.parse_json(names) or []])


@frappe.whitelist(methods=["GET", "POST"])
def check_totals() -> dict[str, int | list]:
    """Return the ``number`` of totals and counters that are not what the events say, and the ``first`` of them.

    Raises PermissionError for all but managers.
    """
    frappe.only_for(MANAGERS)
    found = totals.check()
    return {"number": len(found), "first": found[:SHOWN]}


@frappe.whitelist(methods=["POST"])
def rebuild_totals() -> None:
    """Put totals and counters right, in the background. Raises PermissionError for all but managers."""
    frappe.only_for(MANAGERS)
    frappe.enqueue("trackflow.corrections.totals.rebuild", queue="long", timeout=REBUILD_SECONDS)


@frappe.whitelist(methods=["GET", "POST"])
def human_share(filters: str | None = None) -> dict:
    """Return for a number card how many percent of the requests of the last 30 days were people's, and where they stand.

    ``filters`` is what cards send. Raises PermissionError for those who may not read daily totals.
    """
    frappe.has_permission("Click Daily Total", "read", throw=True)
    route = ["List", "Click Daily Total", "List"]
    return {"value": days.human_percent(30), "fieldtype": "Percent", "route": route}
