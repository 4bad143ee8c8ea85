"""Credit: from journeys to what leads show and what deals and campaigns earned.

The only writer of Deal Attribution, of found Deal Link Associations and of the trackflow_ fields of leads and
deals. Runs in background jobs; working the same thing out twice changes nothing.
"""

from collections.abc import Callable, Collection
from datetime import datetime

import frappe
from frappe.query_builder.functions import Max, Min
from frappe.utils import add_days, now_datetime

from trackflow import conversions, identity, ingest, jobs, journeys, settings, store
from trackflow.attribution import models as attribution_models
from trackflow.attribution.deal_credit import credit_touches
from trackflow.domain.attribution import Model, weights
from trackflow.domain.touchpoints import Touch, journey
from trackflow.integrations import crm

# What is older than this and still has no credit will not get any by trying again.
CATCH_UP_DAYS = 7


@jobs.retried
def credit_lead(lead: str, page_url: str = "") -> None:
    """Find out which touches led to ``lead``, note them on it and record the conversion.

    ``page_url`` is the page whose form created the lead, if it was one.
    """
    jobs.begin("trackflow.credit.credit_lead", lead=lead, page_url=page_url)
    # The click that brought the visitor here may still wait in the queue.
    ingest.drain()
    doc = _lead(lead)
    if not doc or not doc.trackflow_visitor_id or not frappe.db.exists("Visitor", doc.trackflow_visitor_id):
        return
    if page_url:
        store.record_event(
            f"form-{lead}", doc.trackflow_visitor_id, "Form Submitted", doc.creation,
            page_url=page_url, data={"doctype": "CRM Lead", "name": lead},
        )  # fmt: skip
    store.link_visitor(doc.trackflow_visitor_id, lead)
    touches = journeys.journey_of(identity.visitors_of_lead(lead), doc.creation, _shown_days())
    if touches:
        _write_lead(lead, doc, touches)


@jobs.retried
def credit_deal(deal: str) -> None:
    """Work out what each touch earned of ``deal`` under every active model, and note it on the deal."""
    jobs.begin("trackflow.credit.credit_deal", deal=deal)
    ingest.drain()
    with jobs.read_committed():
        _credit_deal(deal)


def catch_up() -> None:
    """Credit what lost or failed jobs left uncredited in the last days, each lead and deal on its own."""
    if not crm.is_installed():
        return
    since = add_days(now_datetime(), -CATCH_UP_DAYS)
    visited = {"trackflow_visitor_id": ("is", "set")}
    for lead in frappe.get_all("CRM Lead", {"creation": (">", since), **visited}, pluck="name"):
        if not frappe.db.exists("Conversion", {"reference_doctype": "CRM Lead", "reference_name": lead}):
            attempt(credit_lead, lead)
    for deal in frappe.get_all("CRM Deal", {"modified": (">", since), **visited}, ["name", "modified"]):
        credited = {"deal_id": deal.name, "calculation_date": (">=", deal.modified)}
        if not frappe.db.exists("Deal Attribution", credited):
            attempt(credit_deal, deal.name)


def again(visitors: Collection[str]) -> None:
    """Credit the leads and deals of ``visitors`` again once the transaction is committed: their touches changed."""
    if not (visitors and crm.is_installed()):
        return
    of_visitors = {"trackflow_visitor_id": ("in", list(visitors))}
    became = frappe.get_all(
        "Visitor", {"name": ("in", list(visitors)), "crm_lead": ("is", "set")}, pluck="crm_lead"
    )
    leads = sorted({*became, *frappe.get_all("CRM Lead", of_visitors, pluck="name")})
    deals = {*frappe.get_all("CRM Deal", of_visitors, pluck="name")}
    if leads:
        deals |= {*frappe.get_all("CRM Deal", {"lead": ("in", leads)}, pluck="name")}
    for lead in leads:
        jobs.enqueue_after_commit("trackflow.credit.credit_lead", lead=lead, page_url="")
    for deal in sorted(deals):
        jobs.enqueue_after_commit("trackflow.credit.credit_deal", deal=deal)


def attempt(work: Callable[..., None], name: str, *more: object) -> bool:
    """Do one piece of the work and say whether it is done; what can't be done must not hold up the rest."""
    is_done = False
    try:
        work(name, *more)
        is_done = True
    except Exception:
        frappe.db.rollback()
        frappe.log_error(f"TrackFlow: {work.__name__} failed for {name}")
    # Each stands on its own, and the row locks should not add up.
    frappe.db.commit()
    return is_done


@jobs.retried
def credit_deal_under(deal: str, models: Collection[str]) -> None:
    """Credit ``deal`` again under ``models`` only, and leave the campaigns' revenue to who calls this."""
    with jobs.read_committed():
        _credit_deal(deal, models)


@jobs.retried
def credit_lead_again(lead: str) -> None:
    """Note on ``lead`` what the default model and the window now say."""
    doc = _lead(lead)
    touches = journeys.journey_of(identity.visitors_of_lead(lead), doc.creation, _shown_days()) if doc else []
    if touches:
        _write_lead(lead, doc, touches)


def _lead(lead: str) -> dict | None:
    return frappe.db.get_value("CRM Lead", lead, ["trackflow_visitor_id", "creation", "source"], as_dict=True)


def _credit_deal(deal: str, models: Collection[str] | None = None) -> None:
    # Two jobs for one deal take turns.
    doc = frappe.db.get_value("CRM Deal", deal, "*", as_dict=True, for_update=True)
    if not doc:
        return
    is_won, closed_at = crm.outcome(doc)
    until = closed_at or now_datetime()
    touches = journeys.journey_of(identity.visitors_of_deal(deal), until, attribution_models.longest_days())
    credit_touches(doc, touches, until, is_won, models)
    if models is not None and settings.default_model() not in models:
        # The deal itself shows what the default model says.
        return
    shown = journey(touches, until, _shown_days())
    if shown:
        credited = _credited_touch(shown, until)
        frappe.db.set_value("CRM Deal", deal, _deal_values(shown, credited, until), update_modified=False)
        if is_won:
            _record_won(doc, shown, credited, until)


def _shown_days() -> int:
    """Return the window of what leads and deals show: that of the default model."""
    return attribution_models.window_days(settings.default_model())


def _write_lead(lead: str, doc: dict, touches: list[Touch]) -> None:
    credited = _credited_touch(touches, doc.creation)
    values = _touch_values(touches, credited, doc.creation) | crm.better_source(doc.source, credited)
    frappe.db.set_value("CRM Lead", lead, values, update_modified=False)
    crm.note_source_of_status_changes(lead, credited)
    conversions.record(
        "Lead",
        visitor_id=doc.trackflow_visitor_id,
        at=doc.creation,
        journey=touches,
        credited=credited,
        reference=("CRM Lead", lead),
    )


def _credited_touch(touches: list[Touch], at: datetime) -> Touch:
    """Return the touch that stands for a journey: the first under First Touch, else the last."""
    chosen = frappe.get_cached_value("Attribution Model", settings.default_model(), "model_type")
    rule = Model("First Touch" if chosen == "First Touch" else "Last Touch")
    return touches[weights(rule, touches, at).index(1)]


def _touch_values(touches: list[Touch], credited: Touch, until: datetime) -> dict:
    # Not get_all: Frappe v15 takes a field with "_seen" in its name for the optional column of that name.
    visitor = frappe.qb.DocType("Visitor")
    query = frappe.qb.from_(visitor).select(Min(visitor.first_seen), Max(visitor.last_seen))
    ((first_seen, last_seen),) = query.where(visitor.name.isin([touch.visitor_id for touch in touches])).run()
    return {
        "trackflow_source": credited.source,
        "trackflow_medium": credited.medium,
        "trackflow_campaign": credited.campaign,
        # The visitors may be gone, and their clicks still there.
        "trackflow_first_touch_date": first_seen or touches[0].at,
        # Somebody who came back after the outcome was last seen before it at the last touch that counts.
        "trackflow_last_touch_date": last_seen if last_seen and last_seen <= until else touches[-1].at,
        "trackflow_touch_count": len(touches),
    }


def _deal_values(touches: list[Touch], credited: Touch, until: datetime) -> dict:
    return _touch_values(touches, credited, until) | {
        "trackflow_visitor_id": credited.visitor_id,
        "trackflow_attribution_model": settings.default_model(),
        "trackflow_first_touch_source": touches[0].source,
        "trackflow_last_touch_source": touches[-1].source,
        "trackflow_marketing_influenced": 1,
    }


def _record_won(doc: dict, touches: list[Touch], credited: Touch, at: datetime) -> None:
    conversions.record(
        "Deal Won",
        visitor_id=credited.visitor_id,
        at=at,
        journey=touches,
        credited=credited,
        reference=("CRM Deal", doc.name),
        value=crm.deal_value(doc),
    )
