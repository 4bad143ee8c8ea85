"""What a site gets besides the DocTypes. All of it can run again and changes nothing then."""

import frappe

from trackflow import onboarding
from trackflow.setup import (
    crm_dashboard,
    crm_menu,
    custom_fields,
    form_scripts,
    indexes,
    kanban,
    roles,
    standard_models,
)

DEFAULT_MODEL = "Last Touch"


def after_install() -> None:
    roles.create()
    standard_models.create()
    _set_defaults()
    kanban.create()
    _add_to_crm()
    crm_menu.create()


def after_migrate() -> None:
    roles.create()
    standard_models.create()
    _set_new_defaults()
    _add_to_crm()


def after_app_install(app_name: str) -> None:
    """Bring the CRM parts when the CRM comes later than TrackFlow."""
    if app_name == "crm":
        _add_to_crm()
        crm_menu.create()
        onboarding.crm_has_come()


def _add_to_crm() -> None:
    custom_fields.create()
    form_scripts.create()
    crm_dashboard.create()
    indexes.create()


def _set_defaults() -> None:
    """Write the defaults of the DocType down, so that what reads the table finds them."""
    doc = frappe.get_doc("TrackFlow Settings")
    for field in doc.meta.fields:
        if field.default and doc.get(field.fieldname) in (None, "", 0):
            doc.set(field.fieldname, field.default)
    doc.default_attribution_model = doc.default_attribution_model or DEFAULT_MODEL
    doc.save()


def _set_new_defaults() -> None:
    """Write the defaults of settings that came with an update: Frappe shows a missing number as 0 and saves that."""
    stored = frappe.db.get_singles_dict("TrackFlow Settings")
    for field in frappe.get_meta("TrackFlow Settings").fields:
        if field.default and field.fieldname not in stored:
            frappe.db.set_single_value(
                "TrackFlow Settings", field.fieldname, field.default, update_modified=False
            )
