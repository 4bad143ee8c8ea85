import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt

from trackflow import settings


class AttributionModel(Document):
    """How the credit for a deal is shared among the touches that led to it."""

    def validate(self) -> None:
        first, last = flt(self.position_based_first_weight), flt(self.position_based_last_weight)
        if min(first, last) < 0 or first + last > 100:
            frappe.throw(
                _("First and last touch get {0} % and {1} %. Together they can have from 0 to 100 %.").format(
                    first, last
                )
            )
        if not self.is_active and self.name == settings.default_model():
            frappe.throw(_("This is the default model. Choose another one in TrackFlow Settings first."))

    def on_trash(self) -> None:
        if self.name == settings.default_model():
            frappe.throw(_("This is the default model. Choose another one in TrackFlow Settings first."))
