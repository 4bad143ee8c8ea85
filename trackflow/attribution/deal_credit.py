"""What the touches of a deal earned: writes Deal Attribution and Deal Link Association."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import frappe
from frappe.utils import now_datetime

from trackflow import settings
from trackflow.attribution import models as attribution_models
from trackflow.attribution.deal_journeys import DealJourney
from trackflow.domain.attribution import Milestones, Model, split, weights
from trackflow.domain.money import Money
from trackflow.domain.touchpoints import Kind, Touch, journey
from trackflow.integrations.crm import values

DOCTYPE = "Deal Attribution"


class ModelsFailed(Exception):
    """Some models could not be worked out; what the others give is written."""


@dataclass(frozen=True)
class Attribution:
    """What one model gives for a deal: ``shares`` and ``amounts`` of ``touches``, in the same order."""

    name: str
    money: Money
    is_won: bool
    model: Model
    touches: Sequence[Touch]
    shares: Sequence[Fraction]
    amounts: Sequence[Decimal]

    @cached_property
    def touch_points(self) -> str:
        rows = zip(self.touches, self.shares, strict=True)
        return frappe.as_json(
            [
                vars(touch) | {"channel": self.model.grouping.channel_of(touch), "weight": float(share)}
                for touch, share in rows
            ]
        )

    def is_written(self, row: dict) -> bool:
        """Say whether ``row``, an attribution as it stands, says the same already."""
        credited = [float(amount) for amount, share in zip(self.amounts, self.shares, strict=True) if share]
        return (
            (row.attribution_value, row.currency or "", bool(row.is_won))
            == (float(self.money.value), self.money.currency, self.is_won)
            and row.touch_points == self.touch_points
            and row.amounts == credited
        )


@dataclass(frozen=True)
class Written:
    """campaigns: those whose figures have changed, before or after. failed: {model: what went wrong}. shares: those of
    the default model's touches, by touch; {} if it gives none."""

    campaigns: set[str]
    failed: dict[str, str]
    shares: dict[str, Fraction]


def write(deal: dict, way: DealJourney, models: Collection[str] | None = None) -> Written:
    """Write what the touches of ``way`` earn of ``deal`` (its row) under every active model, or under ``models``.

    Without touches nothing is left but what was made by hand. A model that fails leaves what it gave before.
    """
    campaigns = credited_campaigns(deal.name)
    active = attribution_models.active()
    due = [name for name in active if models is None or name in models]
    found, failed = _attributions(deal, due, way)
    _write_attributions(deal, found, (set(active) - set(due)) | set(failed))
    default = next((one for one in found if one.name == settings.default_model()), None)
    if settings.default_model() in due:
        _write_associations(deal, way, default)
    campaigns |= {touch.campaign for one in found for touch in one.touches if touch.campaign}
    shares = (
        dict(zip((touch.name for touch in default.touches), default.shares, strict=True)) if default else {}
    )
    return Written(campaigns, failed, shares)


def forget(deal: str) -> set[str]:
    """Delete all that was worked out for ``deal``; returns the campaigns that had a part in it."""
    campaigns = credited_campaigns(deal)
    _delete(frappe.get_all(DOCTYPE, {"deal_id": deal}, pluck="name", order_by="name asc"))
    frappe.db.delete("Deal Link Association", {"deal_id": deal, "association_type": ("!=", "Manual")})
    return campaigns


def _attributions(
    deal: dict, models: Sequence[str], way: DealJourney
) -> tuple[list[Attribution], dict[str, str]]:
    """Return what each of ``models`` gives, and {model: what went wrong}.

    One with nothing to go by or without touches in its window gives nothing.
    """
    money, milestones = values.money_of(deal), _milestones(deal, way)
    found, failed = [], {}
    for name in models:
        try:
            found += _attribution(name, money, milestones, way)
        except Exception as error:
            # One model must not take the others along. Who called this says so.
            failed[name] = f"{type(error).__name__}: {error}"
    return found, failed


def _attribution(name: str, money: Money, milestones: Milestones, way: DealJourney) -> list[Attribution]:
    model = attribution_models.load(name)
    own = journey(way.touches, way.until, attribution_models.window_days(name))
    if not (model and own):
        return []
    shares = weights(model, own, way.until, milestones)
    return [
        Attribution(name, money, way.is_won, model, own, shares, split(money.value, shares, money.decimals))
    ]


def _milestones(deal: dict, way: DealJourney) -> Milestones:
    lead_created = frappe.db.get_value("CRM Lead", deal.lead, "creation") if deal.get("lead") else None
    return Milestones(lead_created, deal.creation, way.until if way.is_won else None)


def _write_attributions(deal: dict, attributions: Sequence[Attribution], untouched: set[str]) -> None:
    """Make the attributions of ``deal`` these, and let alone those under the models of ``untouched``."""
    written = _written(deal.name)
    same = {one.name for one in attributions if one.name in written and one.is_written(written[one.name])}
    _delete([row.name for model, row in written.items() if model not in same | untouched])
    for attribution in attributions:
        if attribution.name not in same:
            _insert(deal, attribution)
    if same:
        # Worked out again: whoever looks for deals that were forgotten sees it.
        frappe.db.set_value(
            "Deal Attribution",
            {"name": ("in", [written[model].name for model in same])},
            "calculation_date",
            now_datetime(),
            update_modified=False,
        )


def _written(deal: str) -> dict[str, dict]:
    """Return the attributions of ``deal`` as they stand by model, each with the amounts of its credits."""
    fields = ["name", "attribution_model", "attribution_value", "currency", "is_won", "touch_points"]
    rows = frappe.get_all("Deal Attribution", {"deal_id": deal}, fields, order_by="name asc")
    amounts: dict[str, list[float]] = {row.name: [] for row in rows}
    if rows:
        credits = frappe.get_all(
            "Deal Attribution Credit",
            {"parent": ("in", list(amounts))},
            ["parent", "amount"],
            order_by="parent asc, idx asc",
        )
        for credit in credits:
            amounts[credit.parent].append(credit.amount)
    return {row.attribution_model: row.update(amounts=amounts[row.name]) for row in rows}


def _delete(names: Sequence[str]) -> None:
    """Make room for the new ones of the same names. Not delete_doc, which starts a job for each of them."""
    if names:
        frappe.db.delete("Deal Attribution Credit", {"parent": ("in", names)})
        frappe.db.delete("Deal Attribution", {"name": ("in", names)})


def _insert(deal: dict, attribution: Attribution) -> None:
    doc = frappe.get_doc(
        doctype="Deal Attribution",
        deal_id=deal.name,
        attribution_model=attribution.name,
        attribution_value=attribution.money.value,
        currency=attribution.money.currency or None,
        is_won=int(attribution.is_won),
        first_touch_campaign=attribution.touches[0].campaign,
        last_touch_campaign=attribution.touches[-1].campaign,
        calculation_date=now_datetime(),
        touch_points=attribution.touch_points,
    )
    doc.set_new_name()
    _insert_credits(doc.name, attribution)
    # Nobody is logged in where this runs. Links and clicks of a closed deal may be gone by now.
    doc.insert(ignore_permissions=True, ignore_links=True)


def _insert_credits(parent: str, attribution: Attribution) -> None:
    """Write the credits of an attribution in one statement: the people of a large organization have hundreds of touches."""
    now, user, grouping = now_datetime(), frappe.session.user, attribution.model.grouping
    standard = {"creation": now, "modified": now, "owner": user, "modified_by": user, "docstatus": 0}
    standard |= {"parent": parent, "parenttype": DOCTYPE, "parentfield": "credits"}
    standard |= {"currency": attribution.money.currency or None}
    rows = zip(attribution.touches, attribution.shares, attribution.amounts, strict=True)
    credited = [_credit(*row, grouping.channel_of(row[0])) for row in rows if row[1]]
    found = [
        {"name": frappe.generate_hash(length=10), "idx": place} | standard | credit
        for place, credit in enumerate(credited, 1)
    ]
    values = [tuple(row.values()) for row in found]
    frappe.db.bulk_insert("Deal Attribution Credit", list(found[0]), values)


def _credit(touch: Touch, share: Fraction, amount: Decimal, channel: str) -> dict:
    return {
        "touch_time": touch.at,
        "campaign": touch.campaign,
        "tracked_link": touch.link,
        "weight": float(share * 100),
        "amount": amount,
        "source": touch.source,
        "medium": touch.medium,
        "channel": channel,
        "variant": touch.variant,
        "visitor_id": touch.visitor_id,
        "touch_type": touch.kind,
        "click_event": touch.click_event,
    }


def _write_associations(deal: dict, way: DealJourney, default: Attribution | None) -> None:
    """Say which links had a part: the first, the last, and those between as assists; made ones stay."""
    frappe.db.delete("Deal Link Association", {"deal_id": deal.name, "association_type": ("!=", "Manual")})
    name = settings.default_model()
    touches = journey(way.touches, way.until, attribution_models.window_days(name))
    if not touches:
        return
    shares = (
        default.shares
        if default
        else weights(Model("Last Touch"), touches, way.until, _milestones(deal, way))
    )
    by_link: dict[str, Fraction] = {}
    last = ""
    for touch, share in zip(touches, shares, strict=True):
        # What was made by hand stays as it is.
        if touch.link and touch.kind != Kind.OFFLINE.value:
            by_link[touch.link] = by_link.get(touch.link, Fraction(0)) + share
            last = touch.link
    for link, share in by_link.items():
        # As above.
        frappe.get_doc(
            doctype="Deal Link Association",
            deal_id=deal.name,
            tracked_link=link,
            association_type=_association_type(link, list(by_link), last),
            attribution_weight=float(share),
        ).insert(ignore_permissions=True, ignore_links=True)


def _association_type(link: str, links: Sequence[str], last: str) -> str:
    """``links``: in the order in which they were first touched."""
    if link == links[0]:
        return "First Touch"
    return "Last Touch" if link == last else "Assist"


def credited_campaigns(deal: str) -> set[str]:
    """Return the campaigns that have credit for ``deal`` under any model."""
    attribution, credit = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType("Deal Attribution Credit")
    query = frappe.qb.from_(credit).join(attribution).on(credit.parent == attribution.name)
    query = query.select(credit.campaign).distinct().where(attribution.deal_id == deal)
    return {campaign for (campaign,) in query.run() if campaign}
