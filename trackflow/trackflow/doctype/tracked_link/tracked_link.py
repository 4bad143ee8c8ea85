import secrets

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html, get_datetime

from trackflow import (
    counters,
    link_passwords,
    links,
    messages,
    quotas,
    settings,
    short_urls,
    targeting,
)
from trackflow.domain import short_codes
from trackflow.domain.destinations import check_app_url, check_destination
from trackflow.domain.errors import Refused
from trackflow.link_templates import templates as link_templates
from trackflow.qr import codes as qr_codes

COUNTERS = ("click_count", "unique_visitor_count", "conversion_count", "last_click")
# Written by ``destination_checks``, and worth nothing once the destination is another.
CHECKED = ("destination_state", "destination_checked_on")
# A collision of generated codes is rare; many in a row mean that the codes are too short for so many links.
CODE_TRIES = 20


class TrackedLink(Document):
    """A short link that counts who follows it and what came of it."""

    @property
    def short_url(self) -> str:
        return short_urls.short_url(self.short_code, self.domain) if self.short_code else ""

    def before_insert(self) -> None:
        self.created_by = frappe.session.user
        self.domain = self.domain or short_urls.primary_domain() or None
        self._fill_from_template()
        if not self.short_code:
            self._generate_code()

    def validate(self) -> None:
        try:
            self.short_code = short_codes.check((self.short_code or "").strip())
            self._check_destinations()
        except Refused as refused:
            messages.throw(refused, _("This link can't be saved"))
        self._check_dates()
        self._remember_pause()
        self._take_password()
        self._set_target_url()
        self._draw_qr_code()
        self.title = self.title or self.short_code
        self._keep_counters()
        self._keep_check()

    def on_update(self) -> None:
        before = self.get_doc_before_save()
        if self.max_clicks and not (before and before.max_clicks):
            quotas.begin(self.name, self.click_count or 0)
        self._keep_password()
        for code in {self.short_code, before.short_code if before else self.short_code}:
            links.publish(code)

    def on_trash(self) -> None:
        quotas.forget(self.name)
        links.publish(self.short_code)

    def db_insert(self, *args: object, **kwargs: object) -> None:
        """Insert; where another request has taken the generated code in the meantime, take another one."""
        for _try in range(CODE_TRIES):
            try:
                return super().db_insert(*args, **kwargs)
            except frappe.UniqueValidationError:
                if not self.flags.code_is_generated:
                    raise
                frappe.clear_last_message()
                self._generate_code()
                self._draw_qr_code()
        frappe.throw(
            _("No free short code was found. Make the short code length in TrackFlow Settings larger.")
        )

    def _generate_code(self) -> None:
        if not settings.generates_codes():
            frappe.throw(_("Enter a short code: TrackFlow Settings say that none are generated."))
        if self.title == self.short_code:
            self.title = None
        self.short_code = short_codes.generate(settings.code_length(), secrets.randbelow)
        self.title = self.title or self.short_code
        self.flags.code_is_generated = True

    def _fill_from_template(self) -> None:
        """Take the destination from the template, unless whoever makes the link has done so already."""
        try:
            values = link_templates.check_values(self.template_values)
            if self.link_template and not self.destination_url:
                self.destination_url = link_templates.destination_of(self)
        except Refused as refused:
            messages.throw(refused, _("This link can't be saved"))
        self.template_values = frappe.as_json(values) if self.link_template and values else None

    def _check_destinations(self) -> None:
        own_hosts = short_urls.own_hosts()
        self.destination_url = check_destination(self.destination_url, own_hosts)
        for fieldname in ("fallback_url", *links.FALLBACK_FIELDS.values()):
            if self.get(fieldname):
                self.set(fieldname, check_destination(self.get(fieldname), own_hosts))
        for fieldname in ("ios_url", "android_url"):
            if self.get(fieldname):
                self.set(fieldname, check_app_url(self.get(fieldname), own_hosts))
        targeting.check(self, own_hosts)

    def _check_dates(self) -> None:
        if (
            self.start_date
            and self.expiry_date
            and get_datetime(self.expiry_date) <= get_datetime(self.start_date)
        ):
            frappe.throw(_("The link expires before it starts. Change one of the two dates."))

    def _remember_pause(self) -> None:
        """A link that somebody paused, resumed or moved is not the campaign's any more to let run again."""
        before = self.get_doc_before_save()
        untouched = before and (before.status, before.campaign) == (self.status, self.campaign)
        self.paused_by_campaign = before.get("paused_by_campaign") if untouched else 0

    def _take_password(self) -> None:
        """Take a new password out of the document before anything is written or logged."""
        self._new_password, self.new_password = self.new_password or "", ""
        if self._new_password and not self.password_protected:
            frappe.throw(_("Tick Ask for a Password, or remove the new password."))
        if len(self._new_password) > link_passwords.MAX_LENGTH:
            frappe.throw(_("The password may have {0} characters at most.").format(link_passwords.MAX_LENGTH))
        missing = self.password_protected and not self._new_password
        if missing and link_passwords.hash_of(self.name) == link_passwords.NO_HASH:
            frappe.throw(_("Enter the new password that visitors have to know."))

    def _keep_password(self) -> None:
        if self._new_password:
            link_passwords.keep(self.name, self._new_password)
        elif not self.password_protected:
            link_passwords.forget(self.name)

    def _set_target_url(self) -> None:
        campaign = frappe.db.get_value(
            "Link Campaign", self.campaign, ["campaign_id", "source", "medium"], as_dict=True
        )
        if self.campaign and not campaign:
            # Frappe itself does not check a link that another field is fetched through.
            frappe.throw(
                _("There is no campaign {0}.").format(escape_html(self.campaign)), frappe.LinkValidationError
            )
        self.campaign_id = campaign.campaign_id if campaign else None
        self._check_additional_parameters()
        self.target_url = links.target_url_of(self.as_dict(no_default_fields=True), campaign)

    def _check_additional_parameters(self) -> None:
        try:
            parameters = frappe.parse_json(self.additional_parameters or {})
        except ValueError:
            parameters = None
        if not isinstance(parameters, dict) or any(isinstance(v, dict | list) for v in parameters.values()):
            frappe.throw(
                _('Enter the additional parameters as names and values, for example {"ref": "spring"}.')
            )
        self.additional_parameters = frappe.as_json(parameters) if parameters else None

    def _draw_qr_code(self) -> None:
        fields = ("short_code", "domain", *qr_codes.STYLE_FIELDS)
        if self.flags.code_is_generated or self.is_new() or any(map(self.has_value_changed, fields)):
            self.qr_code = qr_codes.stored_svg(self)

    def _keep_counters(self) -> None:
        counters.keep_counters(self, COUNTERS)
        if self.is_new():
            self.last_click = None

    def _keep_check(self) -> None:
        known = None
        if not self.is_new() and not self.has_value_changed("destination_url"):
            known = frappe.db.get_value(self.doctype, self.name, CHECKED)
        self.update(dict(zip(CHECKED, known or ("", None), strict=True)))


def on_doctype_update() -> None:
    frappe.db.add_index("Tracked Link", ["campaign"], "idx_tracked_link_campaign")
