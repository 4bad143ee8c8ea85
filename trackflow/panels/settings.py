"""What the form of TrackFlow Settings can try out: addresses and the country database, as they are entered."""

import frappe
from frappe import _

from trackflow import geoip, messages
from trackflow.domain import ip_ranges
from trackflow.domain.errors import Refused

# Google's name server: an address whose country every such database knows.
KNOWN_ADDRESS = "8.8.8.8"


def seen_address(trusted_proxies: str, internal_ranges: list[str]) -> dict:
    """Return how a click that came as this request does would be seen: ``{"address", "peer", "is_trusted", "is_internal",
    "problem"}``.

    Both arguments as they stand in a form. address: the visitor's; peer: who holds the connection, a proxy or the
    visitor. is_trusted: whether the peer is a proxy whose word counts. problem: why it can't be said, as HTML.
    """
    request = frappe.request
    try:
        trusted = ip_ranges.parse_ranges(trusted_proxies)
        internal = [ip_ranges.parse_range(text) for text in internal_ranges if text]
    except Refused as refused:
        told = {"address": "", "peer": "", "is_trusted": False, "is_internal": False}
        return told | {"problem": messages.explain(refused)}
    peer = ip_ranges.parse_address(request.remote_addr)
    address = ip_ranges.client_address(request.remote_addr, request.headers.get("X-Forwarded-For"), trusted)
    return {
        "address": str(address or ""),
        "peer": str(peer or ""),
        "is_trusted": ip_ranges.contains(trusted, peer),
        "is_internal": ip_ranges.contains(internal, address),
        "problem": "",
    }


def known_country(database: str) -> dict[str, str]:
    """Return ``{"address", "country", "problem"}``: the country of a well-known address, or why it can't be said.

    ``database``: the path as it stands in a form. problem: HTML.
    """
    told = {"address": KNOWN_ADDRESS, "country": "", "problem": ""}
    if not database.strip():
        return told | {"problem": _("Enter the path of a country database first.")}
    try:
        geoip.check_database(database.strip())
    except Refused as refused:
        return told | {"problem": messages.explain(refused)}
    country = geoip.country(database.strip(), ip_ranges.parse_address(KNOWN_ADDRESS))
    if not country:
        return told | {"problem": _("The database does not know {0}.").format(KNOWN_ADDRESS)}
    return told | {"country": country}
