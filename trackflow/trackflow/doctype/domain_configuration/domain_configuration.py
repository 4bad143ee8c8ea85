import re

import frappe
from frappe import _
from frappe.model.document import Document

from trackflow import short_urls

_DOMAIN = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?"
)


class DomainConfiguration(Document):
    """A domain of your own for short links."""

    def before_naming(self) -> None:
        self.domain = (self.domain or "").strip().lower()

    def validate(self) -> None:
        if not _DOMAIN.fullmatch(self.domain):
            frappe.throw(
                _("{0} is no domain. Enter it like go.example.com, without http:// and path.").format(
                    frappe.utils.escape_html(self.domain)
                )
            )

    def on_update(self) -> None:
        if self.is_primary:
            others = {"name": ("!=", self.name), "is_primary": 1}
            frappe.db.set_value("Domain Configuration", others, "is_primary", 0)
        short_urls.redraw_later()

    def on_trash(self) -> None:
        short_urls.redraw_later()
