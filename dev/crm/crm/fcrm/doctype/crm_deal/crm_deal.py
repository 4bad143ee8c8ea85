"""A deal: what may be sold to an organization, and the contacts there."""

import frappe
from frappe import _
from frappe.model.document import Document

from crm.fcrm.doctype.crm_status_change_log.crm_status_change_log import add_status_change_log
from crm.fcrm.ownership import assign_agent, share_with_agent


class CRMDeal(Document):
    """What may be sold to an organization."""

    def validate(self):
        """Follow the primary contact, owner and status."""
        self.set_primary_contact()
        self.set_primary_email_mobile_no()
        self.follow_owner()
        if self.has_value_changed("status"):
            add_status_change_log(self)

    def after_insert(self):
        """Assign the deal to its owner."""
        if self.deal_owner:
            assign_agent(self, self.deal_owner, ignore_permissions=True)

    def set_primary_contact(self, contact: str | None = None):
        """Make the named contact, or else the only one, the primary contact."""
        if contact:
            for row in self.contacts:
                row.is_primary = int(row.contact == contact)
        elif len(self.contacts) == 1:
            self.contacts[0].is_primary = 1

    def set_primary_email_mobile_no(self):
        """Email address and numbers of the deal are those of its primary contact."""
        primary = [row for row in self.contacts if row.is_primary]
        if len(primary) > 1:
            frappe.throw(_("A deal has one primary contact at most"))
        for fieldname in ("email", "mobile_no", "phone"):
            value = primary[0].get(fieldname) if primary else ""
            self.set(fieldname, (value or "").strip())

    def follow_owner(self):
        """Share and assign a deal that got another owner."""
        if self.deal_owner and not self.is_new() and self.has_value_changed("deal_owner"):
            share_with_agent(self, self.deal_owner)
            assign_agent(self, self.deal_owner, ignore_permissions=True)


@frappe.whitelist()
def add_contact(deal: str, contact: str) -> bool:
    """Add a contact to a deal."""
    doc = _writable_deal(deal)
    doc.append("contacts", {"contact": contact})
    doc.save()
    return True


@frappe.whitelist()
def remove_contact(deal: str, contact: str) -> bool:
    """Take a contact from a deal."""
    doc = _writable_deal(deal)
    doc.contacts = [row for row in doc.contacts if row.contact != contact]
    doc.save()
    return True


@frappe.whitelist()
def set_primary_contact(deal: str, contact: str) -> bool:
    """Make a contact of the deal its primary one."""
    doc = _writable_deal(deal)
    doc.set_primary_contact(contact)
    doc.save()
    return True


@frappe.whitelist()
def create_deal(args: dict | str) -> str:
    """Make a deal as the portal's dialog does: the contact and organization that it describes are made or found."""
    values = frappe.parse_json(args)
    deal = frappe.new_doc("CRM Deal")
    contact = values.get("contact") or create_contact(values)
    contacts = [{"contact": contact, "is_primary": 1}] if contact else []
    organization = values.pop("organization", None) or create_organization(values)
    deal.update({"organization": organization, "contacts": contacts})
    deal.update(values)
    return deal.insert(ignore_permissions=True).name


def create_contact(values: dict) -> str | None:
    """The contact that the values describe, found by email address or mobile number or else made."""
    email, mobile_no = values.get("email"), values.get("mobile_no")
    if not (email or mobile_no or values.get("first_name") or values.get("last_name")):
        return None
    if existing := find_contact(email, mobile_no):
        return existing
    contact = frappe.new_doc("Contact")
    contact.update({name: values.get(name) for name in ("first_name", "last_name", "salutation")})
    contact.company_name = values.get("organization") or values.get("organization_name")
    if email:
        contact.append("email_ids", {"email_id": email, "is_primary": 1})
    if mobile_no:
        contact.append("phone_nos", {"phone": mobile_no, "is_primary_mobile_no": 1})
    return contact.insert(ignore_permissions=True).name


def find_contact(email: str | None, mobile_no: str | None) -> str | None:
    """The contact with this email address, or else with this number."""
    by_email = email and frappe.db.get_value("Contact Email", {"email_id": email}, "parent")
    return by_email or (mobile_no and frappe.db.get_value("Contact Phone", {"phone": mobile_no}, "parent"))


def create_organization(values: dict) -> str | None:
    """The organization that the values name, made if there is none."""
    name = values.get("organization_name")
    if not name or frappe.db.exists("CRM Organization", name):
        return name
    copied = ("organization_name", "website", "territory", "industry", "annual_revenue")
    organization = frappe.get_doc({"doctype": "CRM Organization", **{key: values.get(key) for key in copied}})
    return organization.insert(ignore_permissions=True).name


def _writable_deal(name: str) -> Document:
    if not frappe.has_permission("CRM Deal", "write", name):
        frappe.throw(_("You can't change this deal"), frappe.PermissionError)
    return frappe.get_cached_doc("CRM Deal", name)
