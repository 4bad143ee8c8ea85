"""Frappe CRM: what TrackFlow knows of its DocTypes, in all the versions that are about."""

import frappe

from trackflow.domain.touchpoints import Touch

# A form writes this for want of knowing better; Frappe CRM ships Campaign as a source.
UNSPECIFIC_SOURCES = ("", "Web Form")
CAMPAIGN_SOURCE = "Campaign"


def is_installed() -> bool:
    return bool(frappe.db.exists("DocType", "CRM Lead") and frappe.db.exists("DocType", "CRM Deal"))


def better_source(source: str | None, credited: Touch) -> dict[str, str]:
    """Return {"source": ...} for a lead where a better one than ``source`` is known and exists, else {}.

    What a person chose stays. Sources are the CRM's master data, so none is made up: it takes the one named
    like the touch's source (whatever the case), else the CRM's own "Campaign".
    """
    if (source or "") not in UNSPECIFIC_SOURCES:
        return {}
    for candidate in (credited.source, CAMPAIGN_SOURCE if credited.campaign else ""):
        found = candidate and frappe.db.get_value("CRM Lead Source", {"name": candidate})
        if found:
            return {"source": found}
    return {}


def note_source_of_status_changes(lead: str, credited: Touch) -> None:
    """Fill in where the lead came from in the status changes that were recorded before it was known."""
    frappe.db.set_value(
        "Lead Status Change",
        {"lead_id": lead, "source_campaign": ("is", "not set")},
        {"source_campaign": credited.campaign, "source_medium": credited.medium},
        update_modified=False,
    )
