"""Credit anew where a model or a setting has changed: all deals, and leads where they show something else.

What is due stands in the database (``pending_change`` of Attribution Model and TrackFlow Settings, a token for each
change), so a job that was lost is asked for again hourly. One job works at a time, a deal in a transaction.
"""

from collections.abc import Sequence

import frappe

from trackflow import credit, ingest, jobs, settings
from trackflow.attribution import campaign_figures
from trackflow.attribution import models as attribution_models
from trackflow.integrations import crm

METHOD = "trackflow.attribution.rebuild.run"
PROGRESS = "trackflow:attribution_rebuild"
PROGRESS_SECONDS = 3600
REPORT_EVERY = 20


def new_token() -> str:
    """Return what ``pending_change`` is set to when something changed."""
    return frappe.generate_hash(length=10)


def enqueue() -> None:
    """Let the job begin once the transaction is committed."""
    jobs.enqueue_after_commit(METHOD, queue="long")


def catch_up() -> None:
    """Hourly: ask again for what a lost job left."""
    if _pending_models() or _pending_settings():
        enqueue()
        frappe.db.commit()


def progress() -> dict[str, int]:
    """Return ``{"done", "total"}`` of the job that is at work, {} if none is."""
    return frappe.cache.get_value(PROGRESS, expires=True) or {}


def run() -> None:
    """Work off all that is due."""
    jobs.begin(METHOD)
    with jobs.alone(METHOD) as is_mine:
        # Who holds the lock looks again before it ends.
        while is_mine and (due := (_pending_models(), _pending_settings())) != ({}, ""):
            _rebuild(*due)
        if is_mine:
            frappe.cache.delete_value(PROGRESS)


def _rebuild(models: dict[str, str], of_settings: str) -> None:
    """Credit all deals under ``models`` ({name: token}), and leads and all models if the settings changed.

    A deal or lead that fails stands in the Error Log and is due for the next hour by itself.
    """
    if crm.is_installed():
        ingest.drain()
        due = attribution_models.active() if of_settings else list(models)
        shows_other = bool(of_settings) or settings.default_model() in due
        _each(_deals(), _leads() if shows_other else [], due)
        if shows_other:
            with jobs.read_committed():
                campaign_figures.refresh_all()
    for name, token in models.items():
        _settle("Attribution Model", name, token)
    if of_settings and _pending_settings() == of_settings:
        frappe.db.set_single_value(settings.DOCTYPE, "pending_change", "", update_modified=False)
    frappe.clear_document_cache(settings.DOCTYPE, settings.DOCTYPE)
    frappe.db.commit()


def _deals() -> list[str]:
    return frappe.get_all("CRM Deal", pluck="name", order_by="name asc")


def _leads() -> list[str]:
    # A lead that was typed in may have the touches of another one with its address.
    touched = {"trackflow_visitor_id": ("is", "set"), "trackflow_touch_count": (">", 0)}
    return frappe.get_all("CRM Lead", or_filters=touched, pluck="name", order_by="name asc")


def _each(deals: Sequence[str], leads: Sequence[str], models: Sequence[str]) -> None:
    # Leads first: whether a deal that was won counts depends on them.
    work = [(credit.credit_lead_again, lead) for lead in leads]
    work += [(credit.credit_deal_under, deal, models) for deal in deals]
    for done, (step, *arguments) in enumerate(work):
        if done % REPORT_EVERY == 0:
            _report(done, len(work))
        credit.attempt(step, *arguments)


def _report(done: int, total: int) -> None:
    frappe.cache.set_value(PROGRESS, {"done": done, "total": total}, expires_in_sec=PROGRESS_SECONDS)


def _settle(doctype: str, name: str, token: str) -> None:
    """Note that a change has been worked off, unless there has been another one meanwhile."""
    frappe.db.set_value(
        doctype, {"name": name, "pending_change": token}, "pending_change", None, update_modified=False
    )
    frappe.clear_document_cache(doctype, name)


def _pending_models() -> dict[str, str]:
    frappe.db.commit()
    rows = frappe.get_all(
        "Attribution Model",
        {"pending_change": ("is", "set")},
        ["name", "pending_change"],
        order_by="name asc",
    )
    return {row.name: row.pending_change for row in rows}


def _pending_settings() -> str:
    return frappe.db.get_single_value(settings.DOCTYPE, "pending_change", cache=False) or ""
