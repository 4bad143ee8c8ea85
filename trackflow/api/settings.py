"""TrackFlow Settings for their form."""

import frappe

from trackflow.panels import settings as settings_panel

DOCTYPE = "TrackFlow Settings"


@frappe.whitelist(methods=["GET", "POST"])
def seen_address(trusted_proxies: str = "", internal_ranges: str | list | None = None) -> dict:
    """Return how the caller's address is seen, see ``panels.settings.seen_address``.

    Raises PermissionError for those who may not read the settings.
    """
    frappe.has_permission(DOCTYPE, "read", throw=True)
    ranges = [str(text) for text in frappe.parse_json(internal_ranges) or []]
    return settings_panel.seen_address(trusted_proxies or "", ranges)


@frappe.whitelist(methods=["POST"])
def known_country(database: str = "") -> dict[str, str]:
    """Return what a country database says, see ``panels.settings.known_country``.

    Raises PermissionError for those who may not change the settings.
    """
    frappe.has_permission(DOCTYPE, "write", throw=True)
    return settings_panel.known_country(database or "")
