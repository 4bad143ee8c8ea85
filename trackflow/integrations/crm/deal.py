"""Events of CRM Deal."""

import frappe
from frappe.model.document import Document

from trackflow.attribution import requests
from trackflow.colleagues import ORGANIZATION
from trackflow.domain.visitors import valid_visitor_id
from trackflow.integrations.crm import stages
from trackflow.integrations.crm.events import harmless, keep_own_fields, quiet
from trackflow.setup.custom_fields import fieldnames

DOCTYPE = "CRM Deal"
# What the credit of a deal depends on. Which of them there are depends on the version of the CRM.
CREDITED_FIELDS = (
    "status", "deal_value", "expected_deal_value", "annual_revenue", "currency", "exchange_rate", "closed_date",
)  # fmt: skip
PEOPLE_FIELDS = ("lead", "organization", "contact")


@harmless
def before_insert(doc: Document, method: str | None = None) -> None:
    """Take the fields from the lead, whatever else was sent; without a lead only a visitor id is believed."""
    claimed = valid_visitor_id(doc.get("trackflow_visitor_id"))
    doc.update(dict.fromkeys(fieldnames(DOCTYPE)))
    names = fieldnames("CRM Lead")
    lead = frappe.db.get_value("CRM Lead", doc.lead, names, as_dict=True) if doc.get("lead") else None
    doc.update(lead or {"trackflow_visitor_id": claimed})


@quiet
def validate(doc: Document, method: str | None = None) -> None:
    keep_own_fields(doc, fieldnames(DOCTYPE))


@harmless
def after_insert(doc: Document, method: str | None = None) -> None:
    requests.request(DOCTYPE, doc.name)
    _ask_for_colleagues(doc)


@quiet
def on_change(doc: Document, method: str | None = None) -> None:
    """Record a change of stage, and work the credit out again where something changed that it depends on."""
    before = doc.get_doc_before_save()
    if doc.flags.in_delete:
        return
    if not before or _people(before) != _people(doc) or _differ(before, doc):
        _follow(doc)


@harmless
def _follow(doc: Document, method: str | None = None) -> None:
    before = doc.get_doc_before_save()
    stages.record_change_of_deal(doc)
    if not before:
        # It was inserted, and is asked for.
        return
    if before.get("lead") and before.lead != doc.lead:
        _take_visitor_of_lead(doc)
    has_other_people = _people(before) != _people(doc)
    requests.request(DOCTYPE, doc.name, reread=requests.PEOPLE if has_other_people else "")
    if (before.get("lead"), before.organization) != (doc.get("lead"), doc.organization):
        _ask_for_colleagues(before, doc)


def _differ(before: Document, doc: Document) -> bool:
    return any(before.get(name) != doc.get(name) for name in CREDITED_FIELDS)


@harmless
def after_rename(doc: Document, method: str, old: str, new: str, merge: bool = False) -> None:
    """Let what TrackFlow knows of a deal follow it to its new name, or to the deal that it became part of."""
    requests.request(DOCTYPE, new, formerly=old, reread=requests.PEOPLE if merge else "")


@harmless
def after_delete(doc: Document, method: str | None = None) -> None:
    requests.request(DOCTYPE, doc.name, deleted=True)
    _ask_for_colleagues(doc)


def _ask_for_colleagues(*deals: Document) -> None:
    """Credit the other deals of an organization again: to it belong the leads of all its deals."""
    for name in sorted({deal.organization or "" for deal in deals if deal.get("lead")} - {""}):
        requests.request(ORGANIZATION, name)


def _take_visitor_of_lead(doc: Document) -> None:
    """Forget the visitor that the former lead brought."""
    visitor = frappe.db.get_value("CRM Lead", doc.lead, "trackflow_visitor_id") if doc.lead else None
    frappe.db.set_value(DOCTYPE, doc.name, "trackflow_visitor_id", visitor, update_modified=False)


def _people(doc: Document) -> list:
    contacts = sorted(row.contact or "" for row in doc.get("contacts") or [])
    return [*(doc.get(name) or "" for name in PEOPLE_FIELDS), contacts]
