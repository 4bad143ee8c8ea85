"""What a site gets besides the DocTypes. All of it can run again and changes nothing then."""

import frappe

from trackflow.setup import custom_fields, form_scripts, roles

MODELS = {
    "Last Touch": "All credit to the last touch before the outcome.",
    "First Touch": "All credit to the touch that brought the visitor first.",
    "Last Non-Direct": "All credit to the last touch that came from somewhere.",
    "Linear": "The same credit to each touch.",
    "Time Decay": "The closer to the outcome, the more credit; half of it for each half-life.",
    "Position Based": "Most credit to the first and the last touch, the rest to those between.",
}
DEFAULT_MODEL = "Last Touch"


def after_install() -> None:
    roles.create()
    _create_models()
    _set_defaults()
    _add_to_crm()


def after_migrate() -> None:
    roles.create()
    _create_models()
    _add_to_crm()


def after_app_install(app_name: str) -> None:
    """Bring the CRM parts when the CRM comes later than TrackFlow."""
    if app_name == "crm":
        _add_to_crm()


def _add_to_crm() -> None:
    custom_fields.create()
    form_scripts.create()


def _create_models() -> None:
    for name, description in MODELS.items():
        if not frappe.db.exists("Attribution Model", name):
            model = frappe.get_doc(
                doctype="Attribution Model", model_name=name, model_type=name, description=description
            )
            # Runs during installation, where nobody is asked for rights.
            model.insert(ignore_permissions=True)


def _set_defaults() -> None:
    """Write the defaults of the DocType down, so that what reads the table finds them."""
    doc = frappe.get_doc("TrackFlow Settings")
    for field in doc.meta.fields:
        if field.default and doc.get(field.fieldname) in (None, "", 0):
            doc.set(field.fieldname, field.default)
    doc.default_attribution_model = doc.default_attribution_model or DEFAULT_MODEL
    doc.save()
