"""TrackFlow Settings as the rest of the app reads them."""

import frappe
from frappe.model.document import Document
from frappe.utils import cint, cstr
from werkzeug.urls import iri_to_uri

from trackflow.domain import tracker
from trackflow.domain.policy import Policy, ShortDomain
from trackflow.domain.rules import Rules, parse_patterns
from trackflow.domain.short_codes import DEFAULT_LENGTH

DOCTYPE = "TrackFlow Settings"


def load_policy() -> Policy:
    """Return the site's policy from the database. The redirect keeps it in its cache (``links.resolve``)."""
    # Not the cached document: another process may just have cached the one before the last commit.
    doc = frappe.get_doc(DOCTYPE)
    return Policy(
        enabled=bool(doc.enable_tracking),
        internal_ranges=_internal_ranges(doc),
        trusted_proxies=cstr(doc.trusted_proxies),
        anonymize=bool(doc.anonymize_ip_addresses or doc.gdpr_compliance_enabled),
        consent_required=bool(doc.cookie_consent_required),
        honour_privacy_headers=bool(doc.gdpr_compliance_enabled),
        cookie_days=cint(doc.cookie_expires_days),
        time_zone=frappe.utils.get_system_timezone(),
        geoip_database=cstr(doc.geoip_database),
        case_sensitive_codes=bool(doc.case_sensitive_codes),
        domains=_domains(),
        bot_user_agents=parse_patterns(cstr(doc.bot_user_agents)),
        websites=tracker.parse_websites(cstr(doc.websites)),
    )


def load_rules() -> Rules:
    """Return the site's own rules on robots from the database: one small statement, as a drain asks often."""
    stored = frappe.db.get_singles_dict(DOCTYPE)
    most = stored.get("max_links_per_second")
    if most is None:
        # A site that was updated has no value before somebody saves.
        most = frappe.get_meta(DOCTYPE).get_field("max_links_per_second").default
    return Rules(
        bot_user_agents=parse_patterns(cstr(stored.get("bot_user_agents"))),
        max_links_per_second=cint(most),
        shared_addresses=cstr(stored.get("trusted_proxies")),
    )


def _domains() -> dict[str, ShortDomain]:
    """Return what holds under each short domain, by its host."""
    fields = ["name", "root_redirect", "not_found_redirect", "tracking_settings"]
    headers = _domain_headers()
    return {
        row.name: ShortDomain(
            name=row.name,
            headers=tuple(headers.get(row.name, ())),
            root_redirect=iri_to_uri(row.root_redirect or ""),
            not_found_redirect=iri_to_uri(row.not_found_redirect or ""),
            append_visitor_id=bool((frappe.parse_json(row.tracking_settings) or {}).get("append_visitor_id")),
        )
        for row in frappe.get_all("Domain Configuration", fields=fields, order_by="name asc")
    }


def _domain_headers() -> dict[str, list[tuple[str, str]]]:
    fields = ["parent", "header_name", "header_value"]
    by_domain: dict[str, list[tuple[str, str]]] = {}
    for row in frappe.get_all("Domain Header Configuration", fields=fields, order_by="parent asc, idx asc"):
        by_domain.setdefault(row.parent, []).append((row.header_name, row.header_value))
    return by_domain


def _internal_ranges(doc: Document) -> str:
    return "\n".join(row.ip_range for row in doc.internal_ip_ranges) if doc.exclude_internal_traffic else ""


def default_model() -> str:
    """Return the name of the Attribution Model that leads show and campaigns earn by."""
    return frappe.get_cached_value(DOCTYPE, DOCTYPE, "default_attribution_model") or "Last Touch"


def attribution_window_days() -> int:
    return cint(frappe.get_cached_value(DOCTYPE, DOCTYPE, "attribution_window_days")) or 90


def counts_organizations() -> bool:
    """Say whether everybody at a deal's organization counts for it."""
    return bool(cint(frappe.get_cached_value(DOCTYPE, DOCTYPE, "count_organization")))


def geoip_database() -> str:
    """Return the path of the country database as it was entered, "" for none."""
    # Not the cached value: a drain at work has the one from when it began.
    return cstr(frappe.db.get_single_value(DOCTYPE, "geoip_database", cache=False))


def websites() -> tuple[str, ...]:
    """Return the host names of the websites that may tell of their page views, besides this site's own."""
    return tracker.parse_websites(cstr(frappe.db.get_single_value(DOCTYPE, "websites", cache=False)))


def tracks_own_pages() -> bool:
    """Say whether the pages of this site carry the tracker."""
    return bool(cint(frappe.get_cached_value(DOCTYPE, DOCTYPE, "track_own_pages")))


def checks_destinations() -> bool:
    """Say whether destinations are to be checked every week."""
    return bool(cint(frappe.get_cached_value(DOCTYPE, DOCTYPE, "check_destinations")))


def generates_codes() -> bool:
    return bool(frappe.get_cached_value(DOCTYPE, DOCTYPE, "auto_generate_short_codes"))


def code_length() -> int:
    return cint(frappe.get_cached_value(DOCTYPE, DOCTYPE, "short_code_length")) or DEFAULT_LENGTH


def attribution_parameters() -> dict:
    """Return the parameters for models that leave them empty, as ``custom_attribution_settings`` has them."""
    return frappe.parse_json(frappe.get_cached_value(DOCTYPE, DOCTYPE, "custom_attribution_settings") or {})
