import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, now_datetime


class DealLinkAssociation(Document):
    """A link that had a part in a deal: found by ``trackflow.credit`` or, as Manual, made by hand."""

    def validate(self) -> None:
        self.created_date = self.created_date or now_datetime()
        if not 0 <= flt(self.attribution_weight) <= 1:
            frappe.throw(
                _("The attribution weight is {0}. Enter a number from 0 to 1.").format(
                    self.attribution_weight
                )
            )


def on_doctype_update() -> None:
    frappe.db.add_index("Deal Link Association", ["deal_id"], "idx_deal_link_association_deal")
