"""Touches as lines of a journey that people read, with what happened to the lead or deal between them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import floor, log10
from urllib.parse import urlsplit

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_url_to_form

from trackflow.analytics.layout import fixed
from trackflow.analytics.whose import Whose
from trackflow.domain.touchpoints import Kind
from trackflow.panels import moments


class Links:
    """Which campaigns and links of some touches the user may open. Two statements, however many touches."""

    def __init__(self, touches: Iterable[dict]) -> None:
        touches = list(touches)
        self._campaigns = _openable("Link Campaign", {touch.get("campaign") for touch in touches})
        self._links = _openable("Tracked Link", {touch.get("link") for touch in touches})

    def campaign(self, name: str) -> dict[str, str]:
        return self._named("Link Campaign", name, name, self._campaigns)

    def link(self, name: str, title: str) -> dict[str, str]:
        return self._named("Tracked Link", name, title, self._links)

    def _named(self, doctype: str, name: str, text: str, openable: set[str]) -> dict[str, str]:
        return {"text": text, "href": address(doctype, name) if name in openable else ""}


def address(doctype: str, name: str) -> str:
    """Return where the form of a document is in Desk, without the host: the site may be open under another name."""
    return urlsplit(get_url_to_form(doctype, name)).path


def percent(share: float) -> str:
    """Return a share of 0 to 1 in percent, with as many digits as tell it from nothing."""
    decimals = 1 if share >= 0.001 or not share else 2 - floor(log10(100 * share))
    return f"{fixed(100 * share, decimals)} %"


def of_lead(touches: Sequence[dict], created_at: datetime, links: Links) -> list[dict]:
    """Return the lines of a lead's journey, the oldest first: its touches, and when it was created."""
    lines = [_line(touch, number, links) for number, touch in enumerate(touches, 1)]
    for line, touch in zip(lines, touches, strict=True):
        if touch["is_credited"]:
            line["mark"] = _("Source of this lead")
        elif not touch["counts"]:
            line["mark"] = _("After the lead")
    return _in_order([*lines, _milestone(created_at, _("The lead was created"))])


def of_deal(
    touches: Sequence[dict], deal: Document, closed_at: datetime | None, is_won: bool, links: Links
) -> list[dict]:
    """Return the lines of a deal's journey, the oldest first: its touches, and when it and its lead came and closed."""
    lines = [_line(touch, number, links) for number, touch in enumerate(touches, 1)]
    lead = frappe.db.get_value("CRM Lead", deal.lead, "creation") if deal.get("lead") else None
    if lead:
        lines.append(_milestone(lead, _("The lead was created")))
    lines.append(_milestone(deal.creation, _("The deal was created")))
    if closed_at:
        lines.append(_milestone(closed_at, _("The deal was won") if is_won else _("The deal was lost")))
    return _in_order(lines)


def source(touch: dict) -> str:
    """Return where a touch came from, as "newsletter / email"."""
    return " / ".join(filter(None, (touch["source"], touch["medium"]))) or _("Direct")


def _line(touch: dict, number: int, links: Links) -> dict:
    channel = touch["channel"]
    return {
        "time": touch["at"],
        "at": moments.shown(touch["at"]),
        "number": number,
        "what": _what(touch["kind"]),
        "link": links.link(touch["link"], touch["link_title"]) if touch["link"] else None,
        "channel": _(channel),
        "source": source(touch),
        "campaign": links.campaign(touch["campaign"]) if touch["campaign"] else None,
        "detail": " · ".join(filter(None, (touch["term"], touch["content"], touch["variant"]))),
        "person": Whose(touch.get("person") or "", touch.get("through") or "").text,
        "mark": "",
    }


def _what(kind: str) -> str:
    return {
        Kind.CLICK.value: _("Followed a link"),
        Kind.PAGE_VIEW.value: _("Came to the site"),
        Kind.EMAIL.value: _("Clicked in an email"),
        Kind.CONVERSION.value: _("Conversion"),
        Kind.OFFLINE.value: _("Offline, noted by hand"),
    }.get(kind, _(kind))


def _milestone(time: datetime, what: str) -> dict:
    return {"time": time, "at": moments.shown(time), "what": what, "is_milestone": True}


def _in_order(lines: list[dict]) -> list[dict]:
    # Sorting keeps touches before a milestone of the same moment, since they stand first.
    return sorted(lines, key=lambda line: line["time"])


def _openable(doctype: str, names: set[str | None]) -> set[str]:
    wanted = sorted(filter(None, names))
    if not (wanted and frappe.has_permission(doctype, "read")):
        return set()
    filters = {"name": ("in", wanted)}
    return set(
        frappe.get_list(doctype, filters=filters, pluck="name", limit_page_length=0, order_by="name asc")
    )
