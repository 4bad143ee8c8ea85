"""Attribution models for their form."""

import frappe
from frappe import _

from trackflow.attribution import data_driven
from trackflow.attribution import rebuild as attribution_rebuild
from trackflow.domain.attribution import DATA_DRIVEN

DOCTYPE = "Attribution Model"


@frappe.whitelist(methods=["POST"])
def compute(model: str) -> None:
    """Let a data-driven model learn from all closed deals, in the background.

    Raises PermissionError for those who may not change the model.
    """
    doc = frappe.get_doc(DOCTYPE, model)
    doc.check_permission("write")
    if doc.model_type not in DATA_DRIVEN:
        frappe.throw(_("Only data-driven models are computed. This one follows its rules as it stands."))
    data_driven.enqueue(model)


@frappe.whitelist(methods=["GET", "POST"])
def progress(model: str) -> dict:
    """Return how far background jobs are with ``model``: ``{"is_computing", "is_pending", "done", "total"}``.

    ``is_computing``: journeys are being read. ``is_pending``: deals have not all been credited yet. ``done`` and
    ``total`` are 0 while the job waits. Raises PermissionError for those who may not read the model.
    """
    frappe.get_doc(DOCTYPE, model).check_permission("read")
    reading = data_driven.progress(model)
    is_pending = bool(frappe.db.get_value(DOCTYPE, model, "pending_change"))
    state = reading or (attribution_rebuild.progress() if is_pending else {})
    return {"is_computing": bool(reading), "is_pending": is_pending, "done": 0, "total": 0} | state
