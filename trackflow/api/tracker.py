"""What the tracker in pages calls, and the form that hands it out."""

import frappe
from werkzeug.wrappers import Response

from trackflow import event_queue, tracker
from trackflow.domain.tracker import Told
from trackflow.panels import tracker as tracker_panel


@frappe.whitelist(allow_guest=True, methods=["POST"])
def page_view(
    url: str = "",
    title: str = "",
    referrer: str = "",
    visitor: str = "",
    consent: str = "",
    says_no: str = "",
) -> Response:
    """Record that a page was seen, see ``tracker.receive``. For pages of this site and of those in the settings."""
    return tracker.receive(Told(url, title, referrer, visitor, consent, says_no == "1"))


@frappe.whitelist(methods=["GET", "POST"])
def status() -> dict:
    """Return what the settings show of the tracker, see ``panels.tracker.status``.

    Raises PermissionError for those who may not read the settings.
    """
    frappe.has_permission("TrackFlow Settings", "read", throw=True)
    return tracker_panel.status()


@frappe.whitelist(methods=["POST"])
def retry(names: str | list | None = None) -> int:
    """Let failed rows of Visitor Event Queue, all or those of ``names``, be tried again; return how many.

    Raises PermissionError for those who may not change Visitor Event Queue.
    """
    frappe.has_permission(event_queue.DOCTYPE, "write", throw=True)
    return event_queue.retry([str(name) for name in frappe.parse_json(names) or []])
