"""Events of Contact and CRM Organization: who they are decides whose touches count for their deals."""

import frappe
from frappe.model.document import Document

from trackflow.attribution import requests
from trackflow.colleagues import ORGANIZATION
from trackflow.integrations import crm
from trackflow.integrations.crm.events import harmless, keep_own_fields, quiet
from trackflow.setup.custom_fields import fieldnames


@quiet
def validate_organization(doc: Document, method: str | None = None) -> None:
    keep_own_fields(doc, fieldnames("CRM Organization"))


@quiet
def on_update_contact(doc: Document, method: str | None = None) -> None:
    """Credit the deals of a contact again where its email addresses changed, and those of the organizations that it
    left or came to."""
    before = doc.get_doc_before_save()
    if before and _emails(before) != _emails(doc):
        _ask(doc)
    moved = _organizations(before) ^ _organizations(doc)
    if moved and (_emails(doc) | _emails(before)) - {""}:
        _ask_organizations(doc, method, moved)


def after_delete_contact(doc: Document, method: str | None = None) -> None:
    """As for an organization; and nobody can look up any more where the contact belonged."""
    _ask(doc)
    if names := _organizations(doc):
        _ask_organizations(doc, method, names)


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


@harmless
def _ask_organizations(doc: Document, method: str | None, names: set[str]) -> None:
    """What a contact calls its company need not be an organization."""
    for name in sorted(names) if crm.is_installed() else ():
        if found := frappe.db.exists(ORGANIZATION, name):
            requests.request(ORGANIZATION, found)


def _organizations(contact: Document | None) -> set[str]:
    """Return the names of the organizations to which a contact belongs, none for no contact."""
    if not contact:
        return set()
    linked = {row.link_name for row in contact.get("links") or [] if row.link_doctype == ORGANIZATION}
    return {(contact.company_name or "").strip(), *linked} - {""}


def _emails(contact: Document | None) -> set[str]:
    if not contact:
        return set()
    return {(row.email_id or "").lower() for row in contact.email_ids} | {(contact.email_id or "").lower()}
