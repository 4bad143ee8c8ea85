import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint
from frappe.website.utils import clear_website_cache

from trackflow import geoip, links, messages, onboarding, short_urls
from trackflow.attribution import rebuild as attribution_rebuild
from trackflow.domain import ip_ranges, rules, short_codes, tracker
from trackflow.domain.errors import Refused

PARAMETERS = ("time_decay_half_life_days", "position_based_first_weight", "position_based_last_weight")
# What the credit of all leads and deals depends on.
CREDIT_FIELDS = (
    "default_attribution_model", "attribution_window_days", "custom_attribution_settings", "count_organization",
)  # fmt: skip


class TrackFlowSettings(Document):
    """Settings of short links, internal traffic, attribution and privacy."""

    def validate(self) -> None:
        # Chosen in Domain Configuration; what a form or an API sends is no way around that.
        self.default_shortlink_domain = short_urls.primary_domain()
        self._check_numbers()
        self._check_parameters()
        try:
            for row in self.internal_ip_ranges:
                row.ip_range = str(ip_ranges.parse_range(row.ip_range))
            ip_ranges.parse_ranges(self.trusted_proxies or "")
        except Refused as refused:
            messages.throw(refused, _("Unknown address"))
        self._check_geoip_database()
        self._check_robots()
        self._check_websites()

        self._note_change_of_credit()

    def on_update(self) -> None:
        links.publish_policy()
        onboarding.settings_were_saved()
        if self.has_value_changed("track_own_pages"):
            # Pages are kept as they were drawn.
            frappe.db.after_commit.add(clear_website_cache)
        if self.flags.changes_credit:
            attribution_rebuild.enqueue()

    def _note_change_of_credit(self) -> None:
        """Let leads and deals be credited again where something changed that all of them depend on."""
        self.pending_change = frappe.db.get_single_value(self.doctype, "pending_change", cache=False)
        self.flags.changes_credit = any(self.has_value_changed(name) for name in CREDIT_FIELDS)
        if self.flags.changes_credit:
            self.pending_change = attribution_rebuild.new_token()

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

    def _check_geoip_database(self) -> None:
        self.geoip_database = (self.geoip_database or "").strip()
        try:
            if self.geoip_database:
                geoip.check_database(self.geoip_database)
        except Refused as refused:
            messages.throw(refused, _("This country database can't be used"))

    def _check_robots(self) -> None:
        if cint(self.max_links_per_second) < 0 or cint(self.max_links_per_second) == 1:
            frappe.throw(_("Somebody may open two links in a second. Enter at least 2, or 0 for no limit."))
        try:
            self.bot_user_agents = "\n".join(rules.parse_patterns(self.bot_user_agents or ""))
        except Refused as refused:
            messages.throw(refused, _("This user agent can't be a robot's"))

    def _check_websites(self) -> None:
        try:
            self.websites = "\n".join(tracker.parse_websites(self.websites or ""))
        except Refused as refused:
            messages.throw(refused, _("Unknown website"))

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
