"""One lead: the journey that led to it, and what its people did since."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime

from trackflow import identity, journeys, settings
from trackflow.analytics import labels, one_deal
from trackflow.attribution import requests, shown_touches
from trackflow.domain.touchpoints import Touch
from trackflow.domain.touchpoints import journey as touches_within
from trackflow.integrations import crm


def readable(name: str) -> Document:
    """Return the lead. Raises DoesNotExistError, and PermissionError for those who may not read it."""
    if not crm.is_installed():
        frappe.throw(_("Frappe CRM is not installed on this site, so there are no leads."))
    lead = frappe.get_doc("CRM Lead", name)
    lead.check_permission("read")
    if frappe.get_cached_value("User", frappe.session.user, "user_type") != "System User":
        # Frappe CRM lets everybody read leads who is logged in, customers with an account on the site included.
        frappe.throw(_("Where leads came from is told to users of Desk only."), frappe.PermissionError)
    return lead


def journey(lead: Document) -> dict:
    """Return ``{"lead", "created_at", "is_pending", "default_model", "touches"}``, the touches oldest first.

    Each is like those of ``one_deal.attribution``, and has ``counts``: whether it came before the lead, within the
    default model's window; and ``is_credited``: whether it is the one whose source the lead shows.
    """
    found = _touches(lead)
    counting = touches_within(found, lead.creation, shown_touches.days())
    credited = shown_touches.credited_touch(counting, lead.creation) if counting else None
    state = requests.state(requests.LEAD, lead.name)
    return {
        "lead": lead.name,
        "created_at": lead.creation,
        "is_pending": bool(state and not state.failed_at),
        "default_model": settings.default_model(),
        "touches": _told(found, {(touch.kind, touch.name) for touch in counting}, credited),
    }


def _touches(lead: Document) -> list[Touch]:
    """The window ends where the lead began; what came since is told, too."""
    now, since = now_datetime(), lead.creation - timedelta(days=shown_touches.days())
    visitors = identity.visitors_of_lead(lead.name)
    found = journeys.of_lead(lead.name, visitors, now, (now - since).days + 1)
    return [touch for touch in found if touch.at >= since]


def _told(touches: Sequence[Touch], counting: set[tuple[str, str]], credited: Touch | None) -> list[dict]:
    grouping, titles = shown_touches.grouping(), labels.of_links(touch.link for touch in touches)
    return [
        one_deal.told(asdict(touch) | {"channel": grouping.channel_of(touch)}, titles)
        | {"counts": (touch.kind, touch.name) in counting, "is_credited": _is_same(touch, credited)}
        for touch in touches
    ]


def _is_same(touch: Touch, other: Touch | None) -> bool:
    return other is not None and (touch.kind, touch.name) == (other.kind, other.name)
