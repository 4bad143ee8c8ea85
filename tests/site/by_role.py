"""One person of each role, logged in once for all tests, and what the roles may do with TrackFlow's DocTypes."""

from __future__ import annotations

from functools import cache
from typing import Any

import frappe

from tests import harness
from tests.site import crm_factory as crm

# The four roles that meet TrackFlow; somebody without any, who has an account; and everybody else.
ROLES = ("System Manager", "TrackFlow Manager", "Campaign Manager", "Sales User")
NOBODY, GUEST = "nobody", "Guest"
KINDS = (*ROLES, NOBODY, GUEST)

MANAGERS = frozenset({"System Manager", "TrackFlow Manager"})
CAMPAIGNERS = MANAGERS | {"Campaign Manager"}
LOGGED_IN = frozenset(KINDS) - {GUEST}
EVERYBODY = frozenset(KINDS)

# DocTypes that campaign managers keep, those that they read, and those that only managers see.
KEPT = ["Link Campaign", "Tracked Link", "Campaign Link Variant", "Link Template", "Link Import"]
READ = [
    "Attribution Model", "Click Daily Total", "Click Event", "Click Rejudgement", "Conversion",
    "Credit Request", "Deal Attribution", "Deal Journey", "Deal Link Association",
    "Deal Stage Change", "Domain Configuration", "Email Campaign Log", "Identity Link", "Lead Status Change",
    "Link Conversion", "Link Import Row", "Visitor", "Visitor Event",
    "Verdict Change", "Visitor Reach", "Visitor Session",
]  # fmt: skip
ADMINISTERED = [
    "TrackFlow Settings", "Click Queue", "API Request Log", "Link Claim", "Link Quota", "TrackFlow API Key",
    "Visitor Event Queue",
]  # fmt: skip
# {report: who may run it}
REPORTS = dict.fromkeys(
    (
        "Campaign Performance", "Channel Overview", "Click Quality", "Cohorts", "Conversion Funnel",
        "Deal Attribution", "Lead Attribution", "Link Performance", "Model Comparison", "Variant Test",
        "Visitor Journey",
    ),
    CAMPAIGNERS,
) | {"Click Rejudgement Preview": MANAGERS}  # fmt: skip


def user_of(kind: str) -> str:
    return GUEST if kind == GUEST else crm.a_user(*([] if kind == NOBODY else [kind]))


@cache
def client_of(kind: str) -> Any:
    """That person's HTTP client."""
    client = harness.http_client()
    return client if kind == GUEST else client.login(user_of(kind), crm.PASSWORD)


def readers(doc: Any) -> frozenset[str]:
    """Who of Desk's users may read a document of the CRM's, which versions of it see differently."""
    asked = {"doctype": doc.doctype, "ptype": "read", "doc": doc.name}
    return frozenset(kind for kind in ROLES if frappe.has_permission(**asked, user=user_of(kind)))


def is_refused(answer: Any) -> bool:
    """Whether it is for want of a right that somebody is not answered."""
    # So an older Frappe answers where a right to a DocType is missing.
    return answer.status_code in (401, 403) or (
        answer.status_code == 417 and "No permission for" in answer.text
    )
