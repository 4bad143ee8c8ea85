"""What the site knows after the story. Every figure that is printed was read here."""

from __future__ import annotations

from dataclasses import dataclass

import requests

from dev.story import plot
from dev.story.cast import Cast
from dev.story.sales import find_phone_lead, find_web_lead
from dev.story.site_client import TIMEOUT, Doc, Site

VERDICTS = ("human", "duplicate", "bot", "prefetch", "internal", "opted_out")
# Of the story itself; there may be many from the weeks before.
LISTED_CLICKS = 12

_CLICK = ["name", "click_timestamp", "verdict", "tracked_link",
          "visitor_id", "session", "device_type", "browser", "os", "utm_source", "utm_medium"]  # fmt: skip


@dataclass(frozen=True)
class Facts:
    url: str
    campaigns: list[Doc]
    links: list[Doc]
    qr_sizes: dict[str, int]
    head_status: int
    clicks: list[Doc]
    verdicts: dict[str, int]
    visitor: Doc
    journey: list[Doc]
    events: list[Doc]
    lead: Doc
    lead_by_hand: Doc
    lead_changes: list[Doc]
    deal: Doc
    deal_changes: list[Doc]
    conversions: list[Doc]
    link_conversions: list[Doc]
    attributions: list[Doc]


def read(cast: Cast) -> Facts:
    """Read as the people who would look: the salesperson in the CRM, the campaign manager all the rest."""
    manager, first_link = cast.manager, next(iter(cast.links.values()))
    lead = find_web_lead(cast.salesperson) or {}
    lead_by_hand = find_phone_lead(cast.salesperson) or {}
    deal = cast.salesperson.find("CRM Deal", {"lead": lead["name"]}) or {}
    visitor = manager.get("Visitor", lead["trackflow_visitor_id"])
    conversions = _conversions(manager, [lead["name"], deal["name"]])
    return Facts(
        url=manager.url,
        campaigns=[manager.get("Link Campaign", campaign.name) for campaign in plot.CAMPAIGNS],
        links=list(cast.links.values()),
        qr_sizes=_qr_sizes(manager, first_link["name"]),
        head_status=_head(first_link["short_url"]),
        clicks=_clicks(manager, {"tracked_link": ("in", cast.link_names)}, LISTED_CLICKS),
        verdicts=_verdicts(cast),
        visitor=visitor,
        journey=_clicks(manager, {"visitor_id": visitor["name"], "verdict": "human"}, LISTED_CLICKS),
        events=manager.rows(
            "Visitor Event", {"visitor": visitor["name"]}, ["event_type", "timestamp", "page_url"]
        ),
        lead=lead,
        lead_by_hand=lead_by_hand,
        lead_changes=_changes(manager, "Lead Status Change", {"lead_id": lead["name"]}, "status"),
        deal=deal,
        deal_changes=_changes(manager, "Deal Stage Change", {"deal_id": deal["name"]}, "stage"),
        conversions=conversions,
        link_conversions=_link_conversions(manager, conversions),
        attributions=_attributions(manager, deal["name"]),
    )


def _qr_sizes(manager: Site, link: str) -> dict[str, int]:
    return {
        kind: len(manager.download("trackflow.api.links.qr_code", link=link, file_format=kind))
        for kind in ("png", "svg")
    }


def _head(short_url: str) -> int:
    """What a mail filter does that checks links before it delivers a letter; it leaves no trace."""
    return requests.head(short_url, allow_redirects=False, timeout=TIMEOUT).status_code


def _clicks(manager: Site, filters: Doc, limit: int) -> list[Doc]:
    """The last ones, oldest first."""
    found = manager.rows("Click Event", filters, _CLICK, "click_timestamp desc, name desc", limit)
    return found[::-1]


def _verdicts(cast: Cast) -> dict[str, int]:
    own = {"tracked_link": ("in", cast.link_names)}
    return {verdict: cast.manager.count("Click Event", own | {"verdict": verdict}) for verdict in VERDICTS}


def _changes(manager: Site, doctype: str, filters: Doc, what: str) -> list[Doc]:
    fields = [f"from_{what}", f"to_{what}", "change_date", "changed_by"]
    return manager.rows(doctype, filters, fields, "change_date asc, creation asc")


def _conversions(manager: Site, references: list[str]) -> list[Doc]:
    fields = ["name", "conversion_type", "reference_name", "value", "source_campaign", "conversion_date"]
    return manager.rows("Conversion", {"reference_name": ("in", references)}, fields, "conversion_date asc")


def _link_conversions(manager: Site, conversions: list[Doc]) -> list[Doc]:
    own = {"conversion": ("in", [conversion["name"] for conversion in conversions])}
    return manager.rows("Link Conversion", own, ["conversion", "tracked_link", "click_event"])


def _attributions(manager: Site, deal: str) -> list[Doc]:
    """Whole documents: the credits are rows in them."""
    names = manager.rows("Deal Attribution", {"deal_id": deal}, ["name"], "attribution_model asc")
    return [manager.get("Deal Attribution", row["name"]) for row in names]
