"""What the form of an attribution model shows: a made-up journey, and what the model as it stands gives each touch."""

from dataclasses import asdict

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, cstr

from trackflow import messages, settings
from trackflow.attribution import models as attribution_models
from trackflow.domain.attribution import DATA_DRIVEN, example
from trackflow.domain.errors import Refused
from trackflow.integrations.crm import values as crm_values

RULES = ("channel_name", "match_conditions", "priority", "weight")


def worked(values: dict) -> dict:
    """Return ``{"lines", "value", "currency", "lead_days", "deal_days", "window_days", "problem"}`` for a model.

    ``values``: fields of Attribution Model as they stand in a form. lines: the touches of ``domain.attribution.example``, oldest first.
    Where the model can't be used there are none, and the problem says why, as HTML. Nothing is saved.
    """
    told = {
        "lines": [],
        "value": float(example.VALUE),
        "currency": crm_values.company_currency(),
        "lead_days": example.LEAD_DAYS,
        "deal_days": example.DEAL_DAYS,
        "window_days": cint(values.get("lookback_window_days")) or settings.attribution_window_days(),
        "problem": "",
    }
    try:
        model = attribution_models.record(_checked(values))
        return told | {"lines": [asdict(line) for line in example.worked(model, told["window_days"])]}
    except Refused as refused:
        return told | {"problem": messages.explain(refused)}
    except frappe.ValidationError as error:
        # What the document said is part of the answer, and not to be shown on top of the form.
        frappe.clear_messages()
        return told | {"problem": cstr(error)}


def _checked(values: dict) -> Document:
    fields = {name: value for name, value in values.items() if not isinstance(value, list | dict)}
    doc = frappe.get_doc({**fields, "doctype": "Attribution Model"})
    for row in values.get("channel_rules") or []:
        doc.append("channel_rules", {name: row.get(name) for name in RULES})
    doc.check_parameters()
    if doc.model_type in DATA_DRIVEN and not doc.results:
        frappe.throw(_("This model has learned nothing yet, so it gives no credit."))
    return doc
