"""Events of Contact and CRM Organization: who they are decides whose touches count for their deals."""

from frappe.model.document import Document

from trackflow.attribution import requests
from trackflow.integrations import crm
from trackflow.integrations.crm.events import harmless, keep_own_fields, quiet
from trackflow.setup.custom_fields import fieldnames


@quiet
def validate_organization(doc: Document, method: str | None = None) -> None:
    keep_own_fields(doc, fieldnames("CRM Organization"))


@quiet
def on_update_contact(doc: Document, method: str | None = None) -> None:
    """Credit the deals of a contact again where its email addresses changed."""
    before = doc.get_doc_before_save()
    if before and _emails(before) != _emails(doc):
        _ask(doc)


def after_rename(doc: Document, method: str, old: str, new: str, merge: bool = False) -> None:
    """Credit the deals again that a merged contact or organization brought along."""
    _ask(doc)


def after_delete(doc: Document, method: str | None = None) -> None:
    """A contact or organization can be deleted by force while deals name it."""
    _ask(doc)


@harmless
def _ask(doc: Document, method: str | None = None) -> None:
    """Without a CRM nobody has deals."""
    if crm.is_installed():
        requests.request(doc.doctype, doc.name)


def _emails(doc: Document) -> set[str]:
    return {(row.email_id or "").lower() for row in doc.email_ids} | {(doc.email_id or "").lower()}
