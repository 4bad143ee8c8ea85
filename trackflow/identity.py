"""Who is who: visitor, lead and deal."""

import frappe
from werkzeug.wrappers import Request

from trackflow import settings
from trackflow.domain.consent import decide
from trackflow.domain.redirection import OPT_OUT_COOKIE, VISITOR_COOKIE, signals
from trackflow.domain.visitors import valid_visitor_id


def visitor_of_request() -> str | None:
    """Return the visitor whose browser makes this request, or None.

    None also for who said no, and for people who work in the CRM: what they type in was told to them by
    somebody else, and their own clicks on their own campaigns say nothing about that.
    """
    request = getattr(frappe.local, "request", None)
    if not request or _is_staff():
        return None
    claimed = valid_visitor_id(request.cookies.get(VISITOR_COOKIE))
    return claimed if claimed and _may_know(request) else None


def visitors_of_lead(lead: str) -> list[str]:
    """Return the visitors of a lead, by name: its own, those that became it, and those of leads with its email."""
    email, own = frappe.db.get_value("CRM Lead", lead, ["email", "trackflow_visitor_id"]) or (None, None)
    found = {own, *frappe.get_all("Visitor", {"crm_lead": lead}, pluck="name")}
    if email:
        found.update(frappe.get_all("CRM Lead", {"email": email}, pluck="trackflow_visitor_id"))
    return sorted(filter(None, found))


def visitors_of_deal(deal: str) -> list[str]:
    """Return the visitors of a deal, by name: its own and those of its lead."""
    lead, own = frappe.db.get_value("CRM Deal", deal, ["lead", "trackflow_visitor_id"])
    found = set(visitors_of_lead(lead)) if lead else set()
    return sorted(found | ({own} if own else set()))


def _may_know(request: Request) -> bool:
    """Return whether the visitor allows to be recognised: decided as for a click."""
    policy = settings.load_policy()
    consent = decide(
        signals(request.headers, request.cookies),
        required=policy.consent_required,
        honour_headers=policy.honour_privacy_headers,
    )
    return consent.allows_cookie and not request.cookies.get(OPT_OUT_COOKIE)


def _is_staff() -> bool:
    user = frappe.session.user
    return user != "Guest" and frappe.get_cached_value("User", user, "user_type") == "System User"
