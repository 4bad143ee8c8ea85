"""From a lead to a deal: contact and organization are made or found, fields of the same name are copied."""

import frappe
from frappe.model.document import Document

RENAMED_FIELDS = {"lead_owner": "deal_owner"}
# No values, or none that a deal may share.
SKIPPED_FIELDTYPES = {"Tab Break", "Section Break", "Column Break", "HTML", "Button", "Attach", "Table"}
# The deal has its own: names and stamps, status, what its primary contact says, service level.
SKIPPED_FIELDS = {
    *("name", "naming_series", "owner", "creation", "modified", "modified_by", "idx", "docstatus"),
    *("status", "email", "mobile_no", "phone"),
    *("sla", "sla_creation", "sla_status", "communication_status"),
    *("response_by", "first_response_time", "first_responded_on"),
}


def convert(lead: Document) -> str:
    """Mark the lead as converted, without saving it, and return the name of its deal."""
    if frappe.db.exists("CRM Lead Status", "Qualified"):
        lead.db_set("status", "Qualified")
    lead.db_set("converted", 1)
    return create_deal(lead, find_contact(lead) or create_contact(lead), create_organization(lead))


def find_contact(lead: Document) -> str | None:
    """The contact that has the lead's email address, phone or mobile number, in this order."""
    wanted = (
        ("Contact Email", {"email_id": lead.email}),
        ("Contact Phone", {"phone": lead.phone}),
        ("Contact Phone", {"phone": lead.mobile_no}),
    )
    for doctype, filters in wanted:
        if all(filters.values()) and (contact := frappe.db.get_value(doctype, filters, "parent")):
            return contact
    return None


def create_contact(lead: Document) -> str:
    """A contact with what the lead says about the person."""
    contact = frappe.new_doc("Contact")
    contact.update(
        {
            "first_name": lead.first_name or lead.lead_name,
            "last_name": lead.last_name,
            "salutation": lead.salutation,
            "gender": lead.gender,
            "designation": lead.job_title,
            "company_name": lead.organization,
            "image": lead.image or "",
        }
    )
    _append_reachability(contact, lead)
    return contact.insert(ignore_permissions=True).name


def _append_reachability(contact: Document, lead: Document) -> None:
    if lead.email:
        contact.append("email_ids", {"email_id": lead.email, "is_primary": 1})
    if lead.phone:
        contact.append("phone_nos", {"phone": lead.phone, "is_primary_phone": 1})
    if lead.mobile_no:
        contact.append("phone_nos", {"phone": lead.mobile_no, "is_primary_mobile_no": 1})


def create_organization(lead: Document) -> str | None:
    """The organization that the lead names, made if there is none."""
    if not lead.organization:
        return None
    same_name = {"organization_name": lead.organization}
    if existing := frappe.db.exists("CRM Organization", same_name):
        return existing
    copied = ("website", "territory", "industry", "annual_revenue")
    values = {"doctype": "CRM Organization", **same_name, **{name: lead.get(name) for name in copied}}
    return frappe.get_doc(values).insert(ignore_permissions=True).name


def create_deal(lead: Document, contact: str, organization: str | None) -> str:
    """A deal with all that lead and deal have in common."""
    deal = frappe.new_doc("CRM Deal")
    deal.update(common_values(lead, deal))
    deal.update({"organization": organization, "lead": lead.name, "contacts": [{"contact": contact}]})
    return deal.insert(ignore_permissions=True).name


def common_values(lead: Document, deal: Document) -> dict:
    """The lead's values by the deal's fieldnames."""
    values = {}
    for field in lead.meta.fields:
        target = RENAMED_FIELDS.get(field.fieldname, field.fieldname)
        skipped = field.fieldtype in SKIPPED_FIELDTYPES or field.fieldname in SKIPPED_FIELDS
        if not skipped and deal.meta.has_field(target):
            values[target] = lead.get(field.fieldname)
    return values
