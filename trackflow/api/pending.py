"""Credit that is being recomputed, for the list and form of Deal Attribution and for panels."""

import frappe
from frappe import _

from trackflow import credit
from trackflow.attribution import requests


@frappe.whitelist(methods=["GET", "POST"])
def deal_state(deal: str) -> dict:
    """Return ``{"is_pending", "failed_at", "message"}`` of a deal's credit: whether it is being recomputed, and if that
    failed when and why. Raises PermissionError for those who may read neither attributions nor the deal.
    """
    if not frappe.has_permission("Deal Attribution", "read"):
        frappe.get_doc(requests.DEAL, deal).check_permission("read")
    return credit.state(deal)


@frappe.whitelist(methods=["GET", "POST"])
def deals() -> dict:
    """Return ``{"deals", "models"}``: {deal: whether it failed} of those that are due, and the models that are being
    rebuilt. Raises PermissionError for those who may not read attributions.
    """
    if not frappe.has_permission("Deal Attribution", "read"):
        frappe.throw(_("You may not see what deals are credited with."), frappe.PermissionError)
    return {"deals": requests.states(requests.DEAL), "models": credit.models_being_rebuilt()}
