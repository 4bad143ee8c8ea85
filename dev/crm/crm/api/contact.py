"""Contacts and the deals that show their address."""

import frappe
from frappe.model.document import Document


def validate(doc: Document, method: str | None = None) -> None:
    """Make an only email or number the primary one, and pass changes on to the contact's deals."""
    if len(doc.email_ids) == 1:
        doc.email_ids[0].is_primary = 1
    if len(doc.phone_nos) == 1:
        doc.phone_nos[0].is_primary_mobile_no = 1
    doc.set_primary_email()
    doc.set_primary("mobile_no")
    update_deals(doc)


def update_deals(contact: Document) -> None:
    """Save each deal whose primary contact this is, if email or mobile number differ."""
    primary = {"contact": contact.name, "is_primary": 1, "parenttype": "CRM Deal"}
    for name in frappe.get_all("CRM Contacts", filters=primary, pluck="parent", order_by="parent"):
        deal = frappe.get_cached_doc("CRM Deal", name)
        if (deal.email, deal.mobile_no) != (contact.email_id, contact.mobile_no):
            deal.update({"email": contact.email_id, "mobile_no": contact.mobile_no})
            deal.save(ignore_permissions=True)
