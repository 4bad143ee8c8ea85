"""Events of CRM Deal."""

import frappe
from frappe.model.document import Document

from trackflow.domain.visitors import valid_visitor_id
from trackflow.integrations.crm.events import harmless, keep_own_fields, record_change
from trackflow.jobs import enqueue_after_commit
from trackflow.setup.custom_fields import fieldnames

# What the credit of a deal depends on.
CREDITED_FIELDS = ("status", "deal_value", "annual_revenue", "currency", "lead")


@harmless
def before_insert(doc: Document, method: str | None = None) -> None:
    """Take the fields from the lead, whatever else was sent; without a lead only a visitor id is believed."""
    claimed = valid_visitor_id(doc.get("trackflow_visitor_id"))
    doc.update(dict.fromkeys(fieldnames("CRM Deal")))
    names = fieldnames("CRM Lead")
    lead = frappe.db.get_value("CRM Lead", doc.lead, names, as_dict=True) if doc.get("lead") else None
    doc.update(lead or {"trackflow_visitor_id": claimed})


@harmless
def validate(doc: Document, method: str | None = None) -> None:
    keep_own_fields(doc, fieldnames("CRM Deal"))


@harmless
def after_insert(doc: Document, method: str | None = None) -> None:
    enqueue_after_commit("trackflow.credit.credit_deal", deal=doc.name)


@harmless
def on_change(doc: Document, method: str | None = None) -> None:
    """Record a change of stage, and work the credit out again where something changed that it depends on."""
    stage_changed = record_change("Deal Stage Change", ("deal_id", "from_stage", "to_stage"), doc)
    before = doc.get_doc_before_save()
    if before and (stage_changed or any(before.get(name) != doc.get(name) for name in CREDITED_FIELDS)):
        enqueue_after_commit("trackflow.credit.credit_deal", deal=doc.name)
