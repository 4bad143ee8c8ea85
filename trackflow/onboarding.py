"""The checklist of a new site: its steps tick themselves, by what there is on the site.

Frappe ticks some when somebody goes through them, and those that only lead to a list as soon as their button is
pressed. What counts is what happened, so it is looked at whenever Desk is loaded, until all is done.
"""

from collections.abc import Callable, Mapping

import frappe

from trackflow.integrations import crm

CHECKLIST = "TrackFlow"
SETTINGS, CAMPAIGN, LINK, CLICK, FORM, LEAD = STEPS = (
    "TrackFlow: Settings",
    "TrackFlow: First Campaign",
    "TrackFlow: First Link",
    "TrackFlow: First Click",
    "TrackFlow: Web Form",
    "TrackFlow: First Lead",
)
NEED_THE_CRM = (FORM, LEAD)
# Their button opens a list, which says nothing about whether it is done.
LISTS = (CLICK, LEAD)
MODULE_ONBOARDING, STEP = "Module Onboarding", "Onboarding Step"


def follow(bootinfo: Mapping | None = None) -> None:
    """Tick what is done. Called with each load of Desk, and costs one small query once all steps are done."""
    # Under maintenance Desk may be readable and the database is not writable.
    if frappe.flags.read_only or frappe.db.get_value(MODULE_ONBOARDING, CHECKLIST, "is_complete") != 0:
        return
    for step in frappe.get_all(
        STEP, {"name": ("in", STEPS)}, ["name", "is_complete", "is_skipped"], order_by="name asc"
    ):
        changes = _changes(step)
        if changes:
            frappe.db.set_value(STEP, step.name, changes, update_modified=False)


def settings_were_saved() -> None:
    """Tick the step of the settings; they say about themselves only that somebody saved them."""
    if not (frappe.flags.in_install or frappe.flags.in_migrate):
        frappe.db.set_value(STEP, SETTINGS, "is_complete", 1, update_modified=False)


def crm_has_come() -> None:
    """Show the steps that were left out for want of Frappe CRM."""
    for step in NEED_THE_CRM:
        frappe.db.set_value(STEP, step, "is_skipped", 0, update_modified=False)
    frappe.db.set_value(MODULE_ONBOARDING, CHECKLIST, "is_complete", 0, update_modified=False)


def _changes(step: Mapping) -> dict[str, int]:
    if step.name in NEED_THE_CRM and not crm.is_installed():
        return {} if step.is_skipped else {"is_skipped": 1}
    if step.name == SETTINGS or (step.is_complete and step.name not in LISTS):
        return {}
    is_done = int(_IS_DONE[step.name]())
    return {} if is_done == step.is_complete else {"is_complete": is_done}


def _exists(doctype: str, **filters: object) -> Callable[[], bool]:
    # Not by name or time: any row will do.
    return lambda: bool(frappe.get_all(doctype, filters, pluck="name", limit=1, order_by=None))


_IS_DONE = {
    CAMPAIGN: _exists("Link Campaign"),
    LINK: _exists("Tracked Link"),
    CLICK: _exists("Click Daily Total", clicks=(">", 0)),
    FORM: _exists("Web Form", doc_type="CRM Lead", published=1),
    LEAD: _exists("Conversion", conversion_type="Lead"),
}
