"""Events of CRM Lead."""

import frappe
from frappe.model.document import Document

from trackflow import identity
from trackflow.domain.visitors import valid_visitor_id
from trackflow.integrations.crm.events import harmless, keep_own_fields, record_change
from trackflow.jobs import enqueue_after_commit
from trackflow.setup.custom_fields import fieldnames


@harmless
def before_insert(doc: Document, method: str | None = None) -> None:
    """Give the lead the visitor who creates it, or the one that a program names; all else is worked out."""
    claimed = valid_visitor_id(doc.get("trackflow_visitor_id"))
    doc.update(dict.fromkeys(fieldnames("CRM Lead")))
    doc.trackflow_visitor_id = identity.visitor_of_request() or claimed


@harmless
def validate(doc: Document, method: str | None = None) -> None:
    keep_own_fields(doc, fieldnames("CRM Lead"))


@harmless
def after_insert(doc: Document, method: str | None = None) -> None:
    if doc.trackflow_visitor_id:
        enqueue_after_commit("trackflow.credit.credit_lead", lead=doc.name, page_url=_form_page())


@harmless
def on_change(doc: Document, method: str | None = None) -> None:
    """Record a change of status. A conversion sets it without saving, so this is the only event it has."""
    record_change(
        "Lead Status Change",
        ("lead_id", "from_status", "to_status"),
        doc,
        source_campaign=doc.get("trackflow_campaign"),
        source_medium=doc.get("trackflow_medium"),
    )


def _form_page() -> str:
    """Return the page from which the visitor sent the form, "" where there was none."""
    if not identity.visitor_of_request():
        return ""
    return (frappe.request.referrer or "")[:2048]
