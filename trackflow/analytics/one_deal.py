"""One deal: the journey that led to it, and what each touch earned under every model."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, get_datetime

from trackflow import credit, settings
from trackflow.analytics import labels, whose
from trackflow.attribution import deal_journeys
from trackflow.attribution import models as attribution_models
from trackflow.domain.touchpoints import Kind
from trackflow.integrations import crm
from trackflow.integrations.crm import stages, values

# Of a touch point only what says where it came from: no visitor, and no query of an address.
SHOWN = ("campaign", "source", "medium", "term", "content", "variant")
CLICK = "Click"


def readable(name: str) -> Document:
    """Return the deal. Raises DoesNotExistError, and PermissionError for those who may not read it."""
    if not crm.is_installed():
        frappe.throw(_("Frappe CRM is not installed on this site, so there are no deals."))
    deal = frappe.get_doc("CRM Deal", name)
    deal.check_permission("read")
    return deal


def attribution(deal: Document) -> dict:
    """Return the deal's journey, and what each touch of it earned under every active model."""
    found = {row.attribution_model: row for row in _attributions(deal.name)}
    points = {name: frappe.parse_json(row.touch_points) or [] for name, row in found.items()}
    outcome = stages.outcome(deal.status)
    closed_at = deal_journeys.closed_at(deal) if outcome else None
    money = values.money_of(deal)
    any_row = next(iter(found.values()), None)
    return {
        "deal": deal.name,
        "value": flt(any_row.attribution_value) if any_row else flt(money.value),
        "currency": money.currency,
        "is_won": outcome == stages.WON,
        "is_closed": closed_at is not None,
        "closed_at": closed_at,
        "is_pending": credit.is_pending(deal.name),
        "calculated_at": min((row.calculation_date for row in found.values()), default=None),
        "default_model": settings.default_model(),
        "touches": _touches(deal, points),
        "models": [_model(name, found.get(name), points.get(name, [])) for name in _models()],
    }


def _attributions(deal: str) -> list[dict]:
    fields = ["name", "attribution_model", "attribution_value", "calculation_date", "touch_points"]
    # Not get_list: whoever may read the deal may know where it came from, without a right to the table.
    return frappe.get_all("Deal Attribution", {"deal_id": deal}, fields, order_by="attribution_model asc")


def _models() -> list[str]:
    """Return the active models, the default one first."""
    default = settings.default_model()
    return sorted(attribution_models.active(), key=lambda name: (name != default, name))


def _model(name: str, row: dict | None, points: list[dict]) -> dict:
    amounts = _amounts(row.name) if row else []
    credited = [point for point in points if point["weight"]]
    return {
        "model": name,
        "model_type": frappe.get_cached_value("Attribution Model", name, "model_type"),
        "credits": [
            {
                "touch": point["name"],
                "channel": point.get("channel") or "",
                "weight": flt(point["weight"]),
                "amount": amount,
            }
            for point, amount in zip(credited, amounts, strict=True)
        ],
    }


def _amounts(attribution: str) -> list[float]:
    """Return what the touches with credit earned, in the order of the journey."""
    filters = {"parent": attribution}
    return frappe.get_all("Deal Attribution Credit", filters, pluck="amount", order_by="idx asc")


def _touches(deal: Document, points: dict[str, list[dict]]) -> list[dict]:
    """Return the touches of all models' windows, oldest first. The channel is the default model's, if it has one."""
    default = settings.default_model()
    ordered = sorted(points, key=lambda name: (name == default, name))
    touches = {point["name"]: point for name in ordered for point in points[name]}
    titles = labels.of_links(point.get("link") for point in touches.values())
    people = _whose(deal, touches.values())
    found = [told(point, titles) | asdict(people[name]) for name, point in touches.items()]
    return sorted(found, key=lambda touch: (touch["at"], touch["touch"]))


def _whose(deal: Document, points: Collection[dict]) -> dict[str, whose.Whose]:
    """Return whose each touch was, by its name."""
    visitors = whose.of_deals({deal.name: deal.get("lead")}, {point.get("visitor_id") for point in points})
    emails = whose.of_emails(
        deal, [point["name"] for point in points if point.get("kind") == Kind.EMAIL.value]
    )
    return {point["name"]: _one(deal.name, point, visitors, emails) for point in points}


def _one(deal: str, point: dict, visitors: dict, emails: dict) -> whose.Whose:
    if point.get("kind") == Kind.OFFLINE.value:
        return whose.Whose(through=whose.THROUGH_DEAL)
    return emails.get(point["name"]) or visitors.get((deal, point.get("visitor_id")), whose.NOBODY)


def told(point: dict, titles: dict[str, str]) -> dict:
    """Return what is told of a touch. ``titles``: of links, by name."""
    link = point.get("link") or ""
    about = {"touch": point["name"], "at": _time(point["at"]), "kind": point.get("kind") or CLICK}
    about |= {"channel": point.get("channel") or "", "link": link, "link_title": titles.get(link, link)}
    return about | {name: point.get(name) or "" for name in SHOWN}


def _time(text: str) -> datetime:
    return get_datetime(text)
