import re
from urllib.parse import urlsplit

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_link_to_form

from trackflow import links, loops, messages, short_urls
from trackflow.domain import short_domains
from trackflow.domain.destinations import check_destination
from trackflow.domain.errors import Refused
from trackflow.qr import codes as qr_codes

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

        try:
            self._check_redirects()
            self._check_answers()
        except Refused as refused:
            messages.throw(refused, _("This domain can't be saved"))
        if self.is_new():
            self._check_loops()
        self._stay_primary()

    def on_update(self) -> None:
        if self.is_primary:
            others = {"name": ("!=", self.name), "is_primary": 1}
            frappe.db.set_value("Domain Configuration", others, "is_primary", 0)
            _show_in_settings(self.name)
        short_urls.forget()
        links.publish_policy()
        qr_codes.redraw_later()

    def on_trash(self) -> None:
        if self.is_primary:
            if frappe.db.exists("Domain Configuration", {"name": ("!=", self.name)}):
                frappe.throw(
                    _("{0} is the primary domain. Make another one primary first.").format(self.name)
                )
            _show_in_settings("")
        links.publish_policy()
        qr_codes.redraw_later()

    def after_delete(self) -> None:
        short_urls.forget()

    def _check_loops(self) -> None:
        """Links may lead to short links on a host that is not ours yet, and in circles once it is."""
        found = loops.links_through(self.domain.partition(":")[0])
        if found:
            shown = ", ".join(get_link_to_form("Tracked Link", name) for name in found[:10])
            frappe.throw(
                _(
                    "Links lead to short links on {0}, so visitors could go round in circles. First change where these"
                    " lead: {1}"
                ).format(self.domain, shown)
            )

    def _check_redirects(self) -> None:
        own_hosts = short_urls.own_hosts() | {self.domain.partition(":")[0]}
        for fieldname in ("root_redirect", "not_found_redirect"):
            if self.get(fieldname):
                self.set(fieldname, check_destination(self.get(fieldname), own_hosts))
        target = urlsplit(self.root_redirect or "")
        if target.netloc.lower() == self.domain and target.path in ("", "/"):
            frappe.throw(_("The root redirect leads to itself. Enter another page."))

    def _check_answers(self) -> None:
        checked = short_domains.check_headers((row.header_name, row.header_value) for row in self.headers)
        for row, (name, value) in zip(self.headers, checked, strict=True):
            row.header_name, row.header_value = name, value
        self.custom_css = short_domains.check_css(self.custom_css)
        try:
            settings = frappe.parse_json(self.tracking_settings or {})
        except ValueError:
            settings = None
        settings = short_domains.check_settings(settings)
        self.tracking_settings = frappe.as_json(settings) if settings else None

    def _stay_primary(self) -> None:
        """Exactly one domain is primary: the first one is, until another one is made so."""
        others = {"name": ("!=", self.name), "is_primary": 1}
        if self.is_primary or frappe.db.exists("Domain Configuration", others):
            return
        before = self.get_doc_before_save()
        if before and before.is_primary:
            frappe.throw(_("One domain must be primary. Make another one primary instead."))
        self.is_primary = 1


def _show_in_settings(domain: str) -> None:
    frappe.db.set_single_value("TrackFlow Settings", "default_shortlink_domain", domain)
