import frappe
from frappe import _
from frappe.model.document import Document

from trackflow import identity_links, merges
from trackflow.domain.identities import DEAL, LEAD, Rule


class IdentityLink(Document):
    """A visitor whose touches count for a lead or deal. Written by ``trackflow.identity_links``; people may add links."""

    def autoname(self) -> None:
        self.name = identity_links.name_of(self.visitor, *self.person)

    @property
    def person(self) -> tuple[str, str]:
        """Whom the visitor counts for: (DocType, name)."""
        return (LEAD, self.crm_lead) if self.crm_lead else (DEAL, self.crm_deal or "")

    def before_insert(self) -> None:
        """Take a link that somebody adds by hand for what it is. Found ones come with all that was found."""
        if not self.flags.found:
            self._check()
            self.update(identity_links.new_values(Rule.BY_HAND, linked_by=frappe.session.user))

    def after_insert(self) -> None:
        if not self.flags.found:
            merges.tell(self, _("Visitor {0} was linked by hand.").format(self.visitor))
            merges.credit_again(self)

    def _check(self) -> None:
        if bool(self.crm_lead) == bool(self.crm_deal):
            frappe.throw(_("Enter either the lead or the deal that the visitor counts for."))
        doctype, name = self.person
        if not (frappe.db.exists("DocType", doctype) and frappe.db.exists(doctype, name)):
            frappe.throw(_("There is no {0} called {1}. Enter its ID.").format(_(doctype), name))
        if frappe.db.exists(self.doctype, identity_links.name_of(self.visitor, doctype, name)):
            frappe.throw(
                _("The two have a link already. Open it from the list; if it was undone, choose Link Again.")
            )


def on_doctype_update() -> None:
    frappe.db.add_index("Identity Link", ["visitor"], "idx_identity_link_visitor")
    frappe.db.add_index("Identity Link", ["crm_lead", "status"], "idx_identity_link_lead")
    frappe.db.add_index("Identity Link", ["crm_deal", "status"], "idx_identity_link_deal")
    frappe.db.add_index("Identity Link", ["via_lead"], "idx_identity_link_via_lead")
