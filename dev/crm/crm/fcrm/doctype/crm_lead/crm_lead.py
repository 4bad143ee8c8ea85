"""A lead: a person or organization that may buy."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import validate_email_address

from crm.fcrm.doctype.crm_lead import conversion
from crm.fcrm.doctype.crm_status_change_log.crm_status_change_log import add_status_change_log
from crm.fcrm.ownership import assign_agent, share_with_agent


class CRMLead(Document):
    """A person or organization that may buy."""

    def validate(self):
        """Complete the names, check the email address, follow owner and status."""
        self.set_full_name()
        self.set_lead_name()
        self.set_title()
        self.validate_email()
        self.follow_owner()
        if self.has_value_changed("status"):
            add_status_change_log(self)

    def after_insert(self):
        """Assign the lead to its owner."""
        if self.lead_owner:
            assign_agent(self, self.lead_owner)

    def set_full_name(self):
        """With a first name, lead_name is the person's full name."""
        if self.first_name:
            parts = (self.salutation, self.first_name, self.middle_name, self.last_name)
            self.lead_name = " ".join(part for part in parts if part)

    def set_lead_name(self):
        """Without a person's name, take the organization or what the email address says."""
        if self.lead_name:
            return
        if not (self.organization or self.email or self.flags.ignore_mandatory):
            frappe.throw(_("Please give the name of the person or of the organization"))
        local_part = (self.email or "").split("@")[0]
        self.lead_name = self.organization or local_part or "Unnamed Lead"

    def set_title(self):
        """The organization goes before the person."""
        self.title = self.organization or self.lead_name

    def validate_email(self):
        """A lead has a valid address, and not its owner's."""
        if not self.email:
            return
        if not self.flags.ignore_email_validation:
            validate_email_address(self.email, throw=True)
        if self.email == self.lead_owner:
            frappe.throw(_("The lead can't have the email address of its own owner"))

    def follow_owner(self):
        """Share and assign a lead that got another owner."""
        if self.lead_owner and not self.is_new() and self.has_value_changed("lead_owner"):
            share_with_agent(self, self.lead_owner)
            assign_agent(self, self.lead_owner)

    def convert_to_deal(self) -> str:
        """Make a deal of this lead and return its name."""
        return convert_to_deal(lead=self.name, doc=self)


@frappe.whitelist()
def convert_to_deal(lead: str, doc: Document | None = None) -> str:
    """Make a deal of a lead and return its name; its contact and organization are made or found."""
    trusted = isinstance(doc, Document) and doc.flags.ignore_permissions
    if not trusted and not frappe.has_permission("CRM Lead", "write", lead):
        frappe.throw(_("You can't convert this lead"), frappe.PermissionError)
    return conversion.convert(frappe.get_cached_doc("CRM Lead", lead))
