"""What each deal is worth, and which touches earned it: one deal a row, its touches below it."""

from collections import defaultdict
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce
from frappe.utils import flt

from trackflow.analytics import labels, whose
from trackflow.analytics.closing import closed_deals
from trackflow.analytics.credit import of_deals
from trackflow.analytics.questions import Question
from trackflow.domain.attribution.channels import CHANNELS
from trackflow.integrations import crm

# Filters of the report, and the column of credits that they limit.
OF_CREDITS = {"campaign": "campaign", "tracked_link": "tracked_link", "channel": "channel"}
TOUCH = (
    "touch_time",
    "campaign",
    "tracked_link",
    "channel",
    "source",
    "medium",
    "variant",
    "weight",
    "amount",
)


def may_read() -> bool:
    """Say whether the user may read deals at all."""
    return crm.is_installed() and bool(frappe.has_permission("CRM Deal", "read"))


def rows(question: Question) -> list[dict]:
    """Return the deals to which the model gives credit and which the user may read, most worth first, with touches.

    With a campaign, link or channel, those in whose credit it has a part, and of their touches only its own. Rows
    have ``indent``: 0 for a deal, 1 for a touch; a touch names its deal as ``parent_row``.
    """
    if not may_read():
        return []
    attributions = _attributions(question)
    touches = _with_people(attributions, _touches(question, [row.name for row in attributions]))
    limited = any(question.more.get(name) for name in OF_CREDITS)
    found = []
    for row in attributions:
        own = touches.get(row.name, [])
        if own or not limited:
            found += [_deal(row, own), *own]
    return found


def _attributions(question: Question) -> list[dict]:
    attribution, closed = frappe.qb.DocType("Deal Attribution"), closed_deals()
    query = frappe.qb.from_(attribution).where(attribution.attribution_model == question.model)
    if question.deal:
        query = query.where(attribution.deal_id == question.deal)
    deal = frappe.qb.DocType("CRM Deal")
    query = of_deals(query, question.period, question.deals)
    if not question.period:
        query = query.left_join(closed).on(closed.deal == attribution.deal_id)
    query = query.select(
        attribution.name, attribution.deal_id, attribution.attribution_value, attribution.is_won,
        attribution.first_touch_campaign, attribution.last_touch_campaign, deal.status, deal.organization, deal.lead,
        closed.closed_at,
    )  # fmt: skip
    ordered = query.orderby(attribution.attribution_value, order=frappe.qb.desc).orderby(attribution.deal_id)
    return _readable(ordered.run(as_dict=True))


def _readable(attributions: list[dict]) -> list[dict]:
    """Return those of deals that the user may read."""
    names = [row.deal_id for row in attributions]
    if not names:
        return []
    filters = {"name": ("in", names)}
    allowed = set(
        frappe.get_list("CRM Deal", filters=filters, pluck="name", limit_page_length=0, order_by="name asc")
    )
    return [row for row in attributions if row.deal_id in allowed]


def _touches(question: Question, attributions: list[str]) -> dict[str, list[dict]]:
    if not attributions:
        return {}
    credit = frappe.qb.DocType("Deal Attribution Credit")
    query = frappe.qb.from_(credit).select(
        credit.parent, credit.visitor_id, *(credit[name] for name in TOUCH)
    )
    query = query.where(credit.parent.isin(attributions))
    for name, column in OF_CREDITS.items():
        if wanted := question.more.get(name):
            wanted = _channel(wanted) if name == "channel" else wanted
            query = query.where(Coalesce(credit[column], "") == wanted)
    found = query.orderby(credit.parent).orderby(credit.idx).run(as_dict=True)
    titles = labels.of_links(row.tracked_link for row in found)
    by_attribution: dict[str, list[dict]] = defaultdict(list)
    for row in found:
        by_attribution[row.pop("parent")].append(_touch(row, titles))
    return by_attribution


def _channel(named: str) -> str:
    """Return the channel that people call so; a channel of a site's own has one name only."""
    return next((channel for channel in CHANNELS if _(channel) == named), named)


def _touch(row: dict, titles: dict[str, str]) -> dict:
    return {name: row[name] for name in TOUCH} | {
        "indent": 1,
        "title": titles.get(row.tracked_link, row.tracked_link) or row.source or "",
        "weight": flt(row.weight),
        "visitor_id": row.visitor_id,
    }


def _with_people(attributions: list[dict], touches: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """Let touches tell whose they were instead of the visitor's ID. An email's address is not among them."""
    visitors = {touch["visitor_id"] for own in touches.values() for touch in own}
    people = whose.of_deals({row.deal_id: row.lead for row in attributions}, visitors)
    for row in attributions:
        for touch in touches.get(row.name, ()):
            touch["person"] = people.get((row.deal_id, touch.pop("visitor_id")), whose.NOBODY).text
    return touches


def _deal(row: dict, touches: Iterable[dict]) -> dict:
    own = list(touches)
    return {
        "indent": 0,
        "deal": row.deal_id,
        "title": row.organization or row.deal_id,
        "status": row.status,
        "is_won": row.is_won,
        "closed_at": row.closed_at,
        "value": flt(row.attribution_value),
        "touches": len(own),
        "weight": sum(touch["weight"] for touch in own),
        "amount": round(sum(flt(touch["amount"]) for touch in own), 6),
        "first_touch_campaign": row.first_touch_campaign,
        "last_touch_campaign": row.last_touch_campaign,
    }
