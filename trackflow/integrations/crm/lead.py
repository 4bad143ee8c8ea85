"""Events of CRM Lead."""

import frappe
from frappe.model.document import Document

from trackflow import identity
from trackflow.attribution import requests
from trackflow.domain.visitors import valid_visitor_id
from trackflow.integrations.crm import stages
from trackflow.integrations.crm.events import harmless, keep_own_fields, quiet
from trackflow.setup.custom_fields import fieldnames

DOCTYPE = "CRM Lead"


@harmless
def before_insert(doc: Document, method: str | None = None) -> None:
    """Give the lead the visitor who creates it, or the one that a program names; all else is worked out."""
    claimed = valid_visitor_id(doc.get("trackflow_visitor_id"))
    doc.update(dict.fromkeys(fieldnames(DOCTYPE)))
    doc.trackflow_visitor_id = identity.visitor_of_request() or claimed


@quiet
def validate(doc: Document, method: str | None = None) -> None:
    keep_own_fields(doc, fieldnames(DOCTYPE))


@harmless
def after_insert(doc: Document, method: str | None = None) -> None:
    if doc.trackflow_visitor_id or doc.email:
        requests.request(DOCTYPE, doc.name, page_url=_form_page())


@quiet
def on_change(doc: Document, method: str | None = None) -> None:
    """Record a change of status, and find out anew who the lead is where its email changed.

    A conversion sets the status without saving, so this is the only event it has.
    """
    before = doc.get_doc_before_save()
    if doc.flags.in_delete:
        return
    if not before or before.status != doc.status or (before.email or "") != (doc.email or ""):
        _follow(doc)


@harmless
def _follow(doc: Document, method: str | None = None) -> None:
    before = doc.get_doc_before_save()
    stages.record_change_of_lead(doc)
    if before and (before.email or "") != (doc.email or ""):
        for lead in sorted({doc.name, *_with_email(before.email), *_with_email(doc.email)}):
            requests.request(DOCTYPE, lead, reread=requests.PEOPLE)


@harmless
def after_rename(doc: Document, method: str, old: str, new: str, merge: bool = False) -> None:
    """Let what TrackFlow knows of a lead follow it to its new name, or to the lead that it became part of."""
    requests.request(DOCTYPE, new, formerly=old, reread=requests.PEOPLE if merge else "")


@harmless
def after_delete(doc: Document, method: str | None = None) -> None:
    requests.request(DOCTYPE, doc.name, deleted=True)


def _with_email(email: str | None) -> list[str]:
    if not email:
        return []
    return frappe.get_all("CRM Lead", {"email": email}, pluck="name", order_by="name asc")


def _form_page() -> str:
    """Return the page from which the visitor sent the form, "" where there was none."""
    if not identity.visitor_of_request():
        return ""
    return (frappe.request.referrer or "")[:2048]
