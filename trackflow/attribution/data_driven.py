"""Data-driven models: learn from all closed deals what channels or campaigns do. Writes what was found on the
Attribution Model, by which deals are then credited like under any other model."""

from collections.abc import Iterator
from random import Random

import frappe
from frappe.utils import cint, now_datetime

from trackflow import ingest, jobs, messages
from trackflow.attribution import deal_journeys
from trackflow.attribution import models as attribution_models
from trackflow.attribution import rebuild as attribution_rebuild
from trackflow.domain.attribution import DATA_DRIVEN, Model, eligible
from trackflow.domain.attribution.samples import Findings, Observed
from trackflow.domain.errors import Refused
from trackflow.domain.touchpoints import journey
from trackflow.integrations import crm

METHOD = "trackflow.attribution.data_driven.compute"
DOCTYPE = "Attribution Model"
COMPUTING = "trackflow:data_driven"
BATCH = 500
REPORT_EVERY = 50
PROGRESS_SECONDS = 3600
# What is worked out here; a form that was opened before must not bring the old back.
FOUND_FIELDS = (
    "results",
    "journey_count",
    "conversion_count",
    "error_bound",
    "computed_at",
    "findings_message",
)


def enqueue(model: str) -> None:
    """Let the findings of ``model`` be worked out once the transaction is committed."""
    jobs.enqueue_after_commit(METHOD, queue="long", model=model)


def compute_all() -> None:
    """Daily: learn from what was closed since yesterday."""
    if not crm.is_installed():
        return
    of_type = {"is_active": 1, "model_type": ("in", DATA_DRIVEN)}
    for name in frappe.get_all(DOCTYPE, of_type, pluck="name", order_by="name asc"):
        enqueue(name)
    frappe.db.commit()


def progress(model: str) -> dict[str, int]:
    """Return ``{"done", "total"}`` of the journeys that are being read for ``model``, or are to be read soon, else {}."""
    if jobs.is_waiting(METHOD, model=model):
        return {"done": 0, "total": 0}
    return frappe.cache.get_value(_progress_key(model), expires=True) or {}


def compute(model: str) -> None:
    """Work out the findings of ``model``, store them, and let all deals be credited by them if they are new."""
    jobs.begin(METHOD, model=model)
    if not frappe.db.exists(DOCTYPE, {"name": model, "model_type": ("in", DATA_DRIVEN)}):
        return
    ingest.drain()
    # The jobs that changed the model have committed; this one sees it as it then stood.
    frappe.db.commit()
    doc = frappe.get_doc(DOCTYPE, model)
    try:
        values = _values(doc, _learn(doc))
    except Refused as refused:
        values = {
            "results": None,
            "journey_count": cint(refused.details.get("journeys")),
            "conversion_count": 0,
            "error_bound": 0,
            "findings_message": messages.plain(refused),
        }
    finally:
        frappe.cache.delete_value(_progress_key(model))
    _store(doc, values | {"computed_at": now_datetime()})


def _learn(doc: "frappe.model.document.Document") -> Findings:
    # numpy takes a while to load, and only these jobs need it.
    from trackflow.domain.attribution import markov, shapley

    observed = _journeys(doc.name, attribution_models.record(doc))
    minimum = cint(doc.minimum_journeys)
    if doc.model_type == "Data-Driven Markov":
        return markov.learn(observed, order=cint(doc.chain_order) or 1, minimum=minimum)
    return shapley.learn(observed, Random(cint(doc.random_seed)), minimum=minimum)


def _journeys(name: str, model: Model) -> Iterator[Observed]:
    """Yield the states of each closed deal's journey in their order, and whether the deal was won."""
    days = attribution_models.window_days(name)
    # Without the CRM there is nothing to learn from; the models are there all the same.
    deals = frappe.get_all("CRM Deal", pluck="name", order_by="name asc") if crm.is_installed() else []
    for done, deal in enumerate(deals):
        if done % REPORT_EVERY == 0:
            state = {"done": done, "total": len(deals)}
            frappe.cache.set_value(_progress_key(name), state, expires_in_sec=PROGRESS_SECONDS)
        doc = frappe.db.get_value("CRM Deal", deal, "*", as_dict=True)
        way = deal_journeys.of_closed(doc) if doc else None
        if way:
            touches = eligible(journey(way.touches, way.until, days))
            yield [model.state_of(touch) for touch in touches], way.is_won


def _values(doc: "frappe.model.document.Document", found: Findings) -> dict:
    rows = [
        {"state": state, "share": share, "effect": found.effects[state]}
        for state, share in sorted(found.shares.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return {
        "results": frappe.as_json(rows),
        "journey_count": found.journeys,
        "conversion_count": found.conversions,
        "error_bound": found.error_bound,
        "findings_message": None,
    }


def _store(doc: "frappe.model.document.Document", values: dict) -> None:
    """Write what was found; if it is something else than before, deals are due for credit."""
    if (values["results"] or "") != (doc.results or ""):
        values["pending_change"] = attribution_rebuild.new_token()
    frappe.db.set_value(DOCTYPE, doc.name, values, update_modified=False)
    frappe.clear_document_cache(DOCTYPE, doc.name)
    if "pending_change" in values:
        attribution_rebuild.enqueue()
    frappe.db.commit()


def _progress_key(model: str) -> str:
    return f"{COMPUTING}:{model}"
