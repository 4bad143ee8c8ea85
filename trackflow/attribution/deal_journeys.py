"""Which touches count for a deal: the only writer of Deal Journey.

While a deal is open they are read anew each time. When it is closed they are written down, and stay as they were: later
touches, merges of people and clean-ups of old clicks don't change what a closed deal was earned by.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta

import frappe
from frappe.utils import get_datetime, now_datetime
from pypika.terms import Interval

from trackflow import identity, identity_links, journeys
from trackflow.attribution import models, requests
from trackflow.domain.touchpoints import Kind, Touch
from trackflow.integrations.crm import stages

DOCTYPE = "Deal Journey"
# A model that looks back further may come when the deal has long been closed.
KEPT_DAYS = 730
# A click becomes an event in seconds, unless the queue is long. Hourly, with an hour in which no job ran.
ON_ITS_WAY = timedelta(minutes=5)
LOOKED_AT_AGAIN_FOR = timedelta(hours=3)
_THAWED = {"outcome": None, "closed_at": None, "visitors": None, "touches": None}
_NAMES = frozenset(field.name for field in fields(Touch))


@dataclass(frozen=True)
class DealJourney:
    """touches: those of the longest window before ``until`` (site time), oldest first: the close, or else now.
    outcome: Won, Lost or "" while the deal is open. was_won: whether it was won when it was last looked at."""

    outcome: str
    until: datetime
    touches: Sequence[Touch]
    was_won: bool = True

    @property
    def is_won(self) -> bool:
        return self.outcome == stages.WON


def of(deal: dict, reread: str = "") -> DealJourney:
    """Return the journey of ``deal`` (its row), which is frozen if it has just been closed and thawed if it was opened again.

    ``reread``: for a closed deal, ``requests.PEOPLE`` reads its journey anew with the people that it has now, and
    ``requests.CLICKS`` only the clicks of those whom it had.
    """
    outcome, stored = stages.outcome(deal.status), _stored(deal.name)
    was_won = stored.outcome == stages.WON if stored else _was_credited_as_won(deal.name)
    if not outcome:
        _note(deal.name, _THAWED)
        return replace(_open(deal.name), was_won=was_won)
    is_same_close = stored and stored.outcome == outcome and not stages.was_open_since(deal, stored.closed_at)
    frozen = stored if is_same_close else None
    if frozen and not reread:
        _note(deal.name, {})
        return DealJourney(outcome, frozen.closed_at, frozen.touches, was_won)
    visitors, touches, until = _read_anew(deal, frozen, reread)
    _note(deal.name, _frozen(outcome, until, visitors, touches))
    return DealJourney(outcome, until, touches, was_won)


def of_closed(deal: dict) -> DealJourney | None:
    """Return the journey of a closed deal, None for one that is open. Writes nothing."""
    outcome = stages.outcome(deal.status)
    if not outcome:
        return None
    stored = _stored(deal.name)
    if stored and stored.outcome == outcome:
        return DealJourney(outcome, stored.closed_at, stored.touches)
    until = stages.closed_at(deal)
    visitors = identity.visitors_of_deal(deal.name)
    return DealJourney(outcome, until, journeys.of_deal(deal.name, visitors, until, KEPT_DAYS))


def just_closed() -> list[str]:
    """Return deals that were closed so shortly before they were credited that a click might still have been on its way."""
    journey = frappe.qb.DocType(DOCTYPE)
    query = frappe.qb.from_(journey).select(journey.deal_id, journey.closed_at, journey.credited_at)
    rows = (
        query.where(journey.closed_at >= now_datetime() - LOOKED_AT_AGAIN_FOR).orderby(journey.deal_id).run()
    )
    return [deal for deal, closed, credited in rows if credited and credited < closed + ON_ITS_WAY]


def revisited() -> list[str]:
    """Return the open deals one of whose visitors was active since they were credited, by name.

    As many look-ups as there are links of open deals, however many visitors and closed deals there are.
    """
    journey, deal = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType("CRM Deal")
    link, visitor = frappe.qb.DocType(identity.DOCTYPE), frappe.qb.DocType("Visitor")
    deals = frappe.qb.from_(journey).join(deal).on(deal.name == journey.deal_id).select(deal.name).distinct()
    deals = deals.where(journey.outcome.isnull() | (journey.outcome == ""))
    found: set[str] = set()
    for ties in (link.crm_deal == deal.name, link.crm_lead == deal.lead):
        query = deals.join(link).on(ties & (link.status == "Linked"))
        query = query.join(visitor).on(visitor.name == link.visitor)
        # A click becomes an event a little later, and has the time at which it was made.
        seen = visitor.last_activity + Interval(seconds=int(ON_ITS_WAY.total_seconds()))
        found |= {name for (name,) in query.where(journey.credited_at < seen).run()}
    return sorted(found)


def closed_at(deal: dict) -> datetime:
    """Return when a closed deal was closed, in site time."""
    of_outcome = {"name": deal.name, "outcome": stages.outcome(deal.status)}
    return frappe.db.get_value(DOCTYPE, of_outcome, "closed_at") or stages.closed_at(deal)


def with_visitors(visitors: Sequence[str]) -> list[str]:
    """Return the deals, closed ones included, in whose credit one of ``visitors`` has a part."""
    credit, attribution = frappe.qb.DocType("Deal Attribution Credit"), frappe.qb.DocType("Deal Attribution")
    query = frappe.qb.from_(credit).join(attribution).on(credit.parent == attribution.name)
    query = query.select(attribution.deal_id).distinct().where(credit.visitor_id.isin(list(visitors)))
    return sorted(deal for (deal,) in query.run())


def _open(deal: str) -> DealJourney:
    until = now_datetime()
    return DealJourney(
        "", until, journeys.of_deal(deal, identity_links.of_deal(deal), until, models.longest_days())
    )


def _was_credited_as_won(deal: str) -> bool:
    """Say so for a deal that was credited before there were journeys."""
    return bool(frappe.db.exists("Deal Attribution", {"deal_id": deal, "is_won": 1}))


def _stored(deal: str) -> dict | None:
    """Return what is written down of ``deal``."""
    row = frappe.db.get_value(DOCTYPE, deal, ["outcome", "closed_at", "visitors", "touches"], as_dict=True)
    if not row:
        return None
    touches = [_touch(each) for each in json.loads(row.touches or "[]")]
    return row.update(visitors=json.loads(row.visitors or "[]"), touches=touches)


def _frozen(outcome: str, until: datetime, visitors: Sequence[str], touches: Sequence[Touch]) -> dict:
    return {
        "outcome": outcome,
        "closed_at": until,
        "visitors": frappe.as_json(visitors, indent=None),
        "touches": frappe.as_json([asdict(touch) for touch in touches], indent=None),
    }


def _read_anew(deal: dict, frozen: dict | None, reread: str) -> tuple[list[str], list[Touch], datetime]:
    """Return visitors, touches and close of a closed deal as the events now tell them."""
    days = max(models.longest_days(), KEPT_DAYS)
    until = frozen.closed_at if frozen else stages.closed_at(deal)
    is_same_people = frozen and reread != requests.PEOPLE
    visitors = frozen.visitors if is_same_people else identity_links.of_deal(deal.name)
    touches = journeys.of_deal(deal.name, visitors, until, days)
    if is_same_people:
        touches = _with_forgotten(touches, frozen.touches)
    return list(visitors), touches, until


def _with_forgotten(touches: Sequence[Touch], frozen: Sequence[Touch]) -> list[Touch]:
    """Add the touches of which there is no event any more: that it was deleted since says nothing against them."""
    found = {touch.name for touch in touches}
    missing = [touch for touch in frozen if touch.name not in found]
    names = [touch.name for touch in missing]
    known = set(frappe.get_all("Click Event", {"name": ("in", names)}, pluck="name")) if names else set()
    # A note that somebody took back was wrong.
    kept = [one for one in missing if one.name not in known and one.kind != Kind.OFFLINE.value]
    return sorted([*touches, *kept], key=lambda touch: (touch.at, touch.name))


def _touch(values: dict) -> Touch:
    known = {name: value for name, value in values.items() if name in _NAMES}
    return Touch(**known | {"at": get_datetime(values["at"])})


def _note(deal: str, values: dict) -> None:
    values = values | {"credited_at": now_datetime()}
    if frappe.db.exists(DOCTYPE, deal):
        frappe.db.set_value(DOCTYPE, deal, values, update_modified=False)
    else:
        # Nobody is logged in where this runs.
        frappe.get_doc(doctype=DOCTYPE, deal_id=deal, **values).insert(ignore_permissions=True)
