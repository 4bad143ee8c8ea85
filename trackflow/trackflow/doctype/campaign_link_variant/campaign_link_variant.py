import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html

from trackflow import counters, links, messages, short_urls
from trackflow.domain.destinations import check_destination
from trackflow.domain.errors import Refused


class CampaignLinkVariant(Document):
    """One of several destinations that a tracked link tries out."""

    def validate(self) -> None:
        if not 0 <= self.weight <= 100:
            frappe.throw(_("The weight is {0}. Enter a number from 0 to 100.").format(self.weight))
        self._check_name()
        self._check_weights([self.weight] if self.active else [])
        try:
            self.destination_url = check_destination(self.destination_url, short_urls.own_hosts())
        except Refused as refused:
            messages.throw(refused, _("This variant can't be saved"))
        counters.keep_counters(self, ("clicks", "conversions"))

    def _check_name(self) -> None:
        same = {
            "tracked_link": self.tracked_link,
            "variant_name": self.variant_name,
            "name": ("!=", self.name or ""),
        }
        if frappe.db.exists(self.doctype, same):
            frappe.throw(
                _("The link has a variant {0} already. Choose another name.").format(
                    escape_html(self.variant_name)
                ),
                frappe.UniqueValidationError,
            )

    def _check_weights(self, own: list[int]) -> None:
        """Refuse what leaves the link with active variants that nobody can get. ``own``: what this one adds."""
        others = {"tracked_link": self.tracked_link, "active": 1, "name": ("!=", self.name or "")}
        weights = own + frappe.get_all(self.doctype, others, pluck="weight", order_by="name asc")
        if weights and not any(weights):
            frappe.throw(
                _(
                    "All active variants of this link would have the weight 0, so visitors could be sent to none"
                    " of them. Give at least one a weight, or switch the others off first."
                )
            )

    def on_update(self) -> None:
        self._publish_link()

    def on_trash(self) -> None:
        self._check_weights([])
        self._publish_link()

    def _publish_link(self) -> None:
        links.publish(frappe.db.get_value("Tracked Link", self.tracked_link, "short_code"))


def on_doctype_update() -> None:
    # Events name a variant by its name, so a link can have each name once.
    frappe.db.add_unique("Campaign Link Variant", ["tracked_link", "variant_name"], "unique_variant_of_link")
