import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, now_datetime

from trackflow import credit
from trackflow.attribution import requests
from trackflow.integrations import crm


class DealLinkAssociation(Document):
    """A link that had a part in a deal: found by ``trackflow.credit`` or, as Manual, made by hand: an offline touch."""

    def validate(self) -> None:
        self.created_date = self.created_date or now_datetime()
        if not 0 <= flt(self.attribution_weight) <= 1:
            frappe.throw(
                _("The attribution weight is {0}. Enter a number from 0 to 1.").format(
                    self.attribution_weight
                )
            )

    def on_update(self) -> None:
        self._credit_again()

    def on_trash(self) -> None:
        self._credit_again()

    def _credit_again(self) -> None:
        """What is made by hand is a touch; what was found is the outcome of crediting."""
        before = self.get_doc_before_save() or self
        if "Manual" in (self.association_type, before.association_type) and crm.is_installed():
            credit.again_for([], {self.deal_id, before.deal_id}, reread=requests.CLICKS)


def on_doctype_update() -> None:
    frappe.db.add_index("Deal Link Association", ["deal_id"], "idx_deal_link_association_deal")
