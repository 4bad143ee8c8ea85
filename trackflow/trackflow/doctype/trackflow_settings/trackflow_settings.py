import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint

from trackflow import links, messages, short_urls
from trackflow.domain import ip_ranges, short_codes
from trackflow.domain.errors import Refused

PARAMETERS = ("time_decay_half_life_days", "position_based_first_weight", "position_based_last_weight")


class TrackFlowSettings(Document):
    """Settings of short links, internal traffic, attribution and privacy."""

    def validate(self) -> None:
        self.default_shortlink_domain = _host(self.default_shortlink_domain)
        self._check_numbers()
        self._check_parameters()
        try:
            for row in self.internal_ip_ranges:
                row.ip_range = str(ip_ranges.parse_range(row.ip_range))
            ip_ranges.parse_ranges(self.trusted_proxies or "")
        except Refused as refused:
            messages.throw(refused, _("Unknown address"))

    def on_update(self) -> None:
        links.publish_policy()
        if self.has_value_changed("default_shortlink_domain"):
            short_urls.redraw_later()

    def _check_numbers(self) -> None:
        longest = short_codes.MAX_LENGTH
        if not short_codes.MIN_LENGTH <= cint(self.short_code_length) <= longest:
            frappe.throw(
                _("Short codes can have from {0} to {1} characters.").format(short_codes.MIN_LENGTH, longest)
            )
        if cint(self.attribution_window_days) < 1:
            frappe.throw(_("The attribution window must be at least one day."))
        if cint(self.cookie_expires_days) < 1:
            frappe.throw(_("The cookie must be kept for at least one day."))

    def _check_parameters(self) -> None:
        try:
            parameters = frappe.parse_json(self.custom_attribution_settings or {})
        except ValueError:
            parameters = None
        if not isinstance(parameters, dict) or set(parameters) - set(PARAMETERS):
            frappe.throw(
                _("The custom attribution settings take these names with numbers: {0}.").format(
                    ", ".join(PARAMETERS)
                )
            )


def _host(text: str | None) -> str:
    """Return the bare host of what somebody pasted, be it a URL or a host with a slash."""
    return (text or "").strip().lower().partition("://")[2 if "://" in (text or "") else 0].strip("/")
