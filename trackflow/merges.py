"""Undoing that a visitor counts for a lead or deal, and doing it again. Everybody who is concerned is credited anew."""

import frappe
from frappe import _
from frappe.model.document import Document

from trackflow import conversions, credit, identity, identity_links, store
from trackflow.attribution import requests, shown_touches
from trackflow.domain.identities import DEAL, LEAD
from trackflow.identity import DOCTYPE


def undo(link: str, reason: str) -> None:
    """Let the visitor of an Identity Link count no longer for its lead or deal, nor for who has it through the lead.

    No rule links the two again. Raises ValidationError if that is so already or no reason is given.
    """
    doc = frappe.get_doc(DOCTYPE, link, for_update=True)
    if doc.status == "Undone":
        frappe.throw(_("This link has been undone already."))
    if not reason.strip():
        frappe.throw(_("Enter a reason, so that others understand why the two were separated."))
    identity_links.set_undone(link, reason.strip())
    if doc.crm_lead:
        store.unlink_visitor(doc.visitor, doc.crm_lead)
    tell(doc, _("Visitor {0} no longer counts: {1}").format(doc.visitor, reason.strip()))
    credit_again(doc, forget=True)


def redo(link: str) -> None:
    """Let an Identity Link that was undone hold again. Raises ValidationError if it was not."""
    doc = frappe.get_doc(DOCTYPE, link, for_update=True)
    if doc.status != "Undone":
        frappe.throw(_("This link has not been undone."))
    identity_links.set_linked(link)
    tell(doc, _("Visitor {0} counts again.").format(doc.visitor))
    credit_again(doc)


def tell(link: Document, text: str) -> None:
    """Put ``text`` into the timeline of the lead or deal."""
    doctype, name = link.person
    if frappe.db.exists("DocType", doctype) and frappe.db.exists(doctype, name):
        shown_touches.tell(doctype, name, text)


def credit_again(link: Document, forget: bool = False) -> None:
    """Let those be credited anew for whom the visitor counted by this link, directly or through its lead.

    ``forget``: also what they show as their first touch, which is otherwise never given up.
    """
    leads, deals = _concerned(link)
    if forget:
        for lead in leads:
            # Recorded anew if touches are left.
            conversions.revoke("Lead", (LEAD, lead))
        shown_touches.forget(LEAD, leads)
        shown_touches.forget(DEAL, deals)
    credit.again_for(leads, deals, reread=requests.PEOPLE)
    if link.crm_lead:
        # Who has the lead's address or is of its organization may have the visitor from now on. What is closed stays.
        others, of_others = identity.sharing_address_with(link.crm_lead)
        credit.again_for(others, of_others)


def _concerned(link: Document) -> tuple[list[str], list[str]]:
    if link.crm_deal:
        return [], [link.crm_deal]
    through = {"visitor": link.visitor, "via_lead": link.crm_lead}
    rows = frappe.get_all(DOCTYPE, through, ["crm_lead", "crm_deal"], order_by="name asc")
    leads = {link.crm_lead, *(row.crm_lead for row in rows if row.crm_lead)}
    deals = {row.crm_deal for row in rows if row.crm_deal}
    deals |= set(frappe.get_all(DEAL, {"lead": ("in", sorted(leads))}, pluck="name"))
    present = frappe.get_all(LEAD, {"name": ("in", sorted(leads))}, pluck="name")
    return sorted(present), sorted(deals)
