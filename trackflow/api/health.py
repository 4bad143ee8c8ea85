"""Whether clicks get through, for uptime monitors and for Desk."""

import frappe
from frappe import _
from frappe.utils import format_duration

from trackflow import health

MANAGERS = {"System Manager", "TrackFlow Manager"}


@frappe.whitelist(allow_guest=True, methods=["GET"])
def status() -> dict:
    """Return ``{"status": "ok"}`` with HTTP 200 or ``{"status": "degraded"}`` with 503; managers see all numbers."""
    if MANAGERS & set(frappe.get_roles()):
        found = health.report()
    else:
        found = {"status": health.status(health.problems())}
    if found["status"] != "ok":
        frappe.local.response["http_status_code"] = 503
    return found


@frappe.whitelist(methods=["GET", "POST"])
def oldest_waiting(filters: str | None = None) -> str:
    """Return for a number card how long the oldest click has been waiting. For those who may see Click Queue.

    A text, because number cards leave a duration of nothing empty; ``filters`` is what they send.
    """
    frappe.has_permission("Click Queue", "read", throw=True)
    seconds = health.oldest_seconds()
    return format_duration(seconds) if seconds else _("none")
