"""Links that would lead to another short link, and visitors so in circles."""

from collections.abc import Iterator

import frappe

from trackflow import links
from trackflow.domain.destinations import check_app_url
from trackflow.domain.errors import Refused

_APP_FIELDS = ("ios_url", "android_url")
_LINK_FIELDS = ("destination_url", "fallback_url", *links.FALLBACK_FIELDS.values(), *_APP_FIELDS)


def links_through(host: str) -> list[str]:
    """Return the names of tracked links that lead to a short link on ``host`` (without port), sorted.

    When a link is saved this is refused (``check_destination``), but ``host`` may become one of ours later.
    """
    return sorted({link for link, url in _addresses_on(host) if _is_short(url, host)})


def _is_short(url: str, host: str) -> bool:
    try:
        # Takes what apps open as well; plain http, which it refuses, is looked at as https.
        check_app_url("https" + url[4:] if url[:5].lower() == "http:" else url, [host])
    except Refused as refused:
        return refused.reason == "destination_self"
    return False


def _addresses_on(host: str) -> Iterator[tuple[str, str]]:
    """Yield (link, URL) wherever ``host`` stands in one; most URLs elsewhere are never read."""
    places = [("Tracked Link", "name", _LINK_FIELDS)]
    places += [("Campaign Link Variant", "tracked_link", ("destination_url",))]
    places += [("Link Targeting Rule", "parent", ("destination_url",))]
    for doctype, link, fieldnames in places:
        for fieldname in fieldnames:
            filters = {fieldname: ("like", f"%//{host}%")}
            rows = frappe.get_all(doctype, filters, [link, fieldname], order_by="name asc")
            yield from ((row[link], row[fieldname]) for row in rows)
