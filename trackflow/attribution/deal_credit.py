"""What the touches of a deal earned: writes Deal Attribution, Deal Link Association and campaigns' revenue."""

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import frappe
from frappe.query_builder.functions import Sum
from frappe.utils import cstr, flt, now_datetime

from trackflow import counters, settings
from trackflow.attribution import models as attribution_models
from trackflow.domain.attribution import Milestones, Model, split, weights
from trackflow.domain.touchpoints import Touch, journey
from trackflow.integrations import crm


@dataclass(frozen=True)
class Attribution:
    """What one model gives for a deal: ``shares`` and ``amounts`` of ``touches``, in the same order."""

    name: str
    value: Decimal
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
                asdict(touch) | {"channel": self.model.grouping.channel_of(touch), "weight": float(share)}
                for touch, share in rows
            ]
        )

    def is_written(self, row: dict) -> bool:
        """Say whether ``row``, an attribution as it stands, says the same already."""
        credited = [float(amount) for amount, share in zip(self.amounts, self.shares, strict=True) if share]
        return (
            (row.attribution_value, bool(row.is_won)) == (float(self.value), self.is_won)
            and row.touch_points == self.touch_points
            and row.amounts == credited
        )


def credit_touches(
    deal: dict,
    touches: Sequence[Touch],
    until: datetime,
    is_won: bool,
    models: Collection[str] | None = None,
) -> None:
    """Write what ``touches`` (oldest first, of the longest window) earn of ``deal`` under every active model.

    ``until`` is the outcome from which ages are measured. Without touches nothing is left but what was made
    by hand. With ``models``, only these are written, and campaigns' revenue is not (``refresh_revenue``).
    """
    campaigns = _credited_campaigns(deal.name) | {touch.campaign for touch in touches if touch.campaign}
    if models is None:
        _lock(campaigns)
    active = attribution_models.active()
    due = [name for name in active if models is None or name in models]
    _write_attributions(deal, _attributions(deal, due, touches, until, is_won), set(active) - set(due))
    if models is None or settings.default_model() in models:
        _write_associations(deal.name, touches, until, _milestones(deal, until, is_won))
    if models is None:
        for campaign in sorted(campaigns):
            counters.set_revenue(campaign, _revenue(campaign))


def refresh_revenue() -> None:
    """Set the revenue of all campaigns anew."""
    campaigns = set(frappe.get_all("Link Campaign", pluck="name"))
    _lock(campaigns)
    for campaign in sorted(campaigns):
        counters.set_revenue(campaign, _revenue(campaign))


def _lock(campaigns: set[str]) -> None:
    """Let jobs for deals of the same campaigns take turns, or each would sum up revenue without the other's."""
    if not campaigns:
        return
    campaign = frappe.qb.DocType("Link Campaign")
    query = frappe.qb.from_(campaign).select(campaign.name).where(campaign.name.isin(sorted(campaigns)))
    query.orderby(campaign.name).for_update().run()


def _attributions(
    deal: dict, models: Sequence[str], touches: Sequence[Touch], until: datetime, is_won: bool
) -> list[Attribution]:
    """Return what each of ``models`` gives; one with nothing to go by or without touches in its window, nothing."""
    value, precision = Decimal(cstr(crm.deal_value(deal))), _precision(deal)
    milestones = _milestones(deal, until, is_won)
    found = []
    for name in models:
        model = attribution_models.load(name)
        own = journey(touches, until, attribution_models.window_days(name))
        if model and own:
            shares = weights(model, own, until, milestones)
            amounts = split(value, shares, precision)
            found.append(Attribution(name, value, is_won, model, own, shares, amounts))
    return found


def _milestones(deal: dict, until: datetime, is_won: bool) -> Milestones:
    lead_created = frappe.db.get_value("CRM Lead", deal.lead, "creation") if deal.get("lead") else None
    return Milestones(lead_created, deal.creation, until if is_won else None)


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
    fields = ["name", "attribution_model", "attribution_value", "is_won", "touch_points"]
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
    rows = zip(attribution.touches, attribution.shares, attribution.amounts, strict=True)
    grouping = attribution.model.grouping
    doc = frappe.get_doc(
        doctype="Deal Attribution",
        deal_id=deal.name,
        attribution_model=attribution.name,
        attribution_value=attribution.value,
        is_won=int(attribution.is_won),
        first_touch_campaign=attribution.touches[0].campaign,
        last_touch_campaign=attribution.touches[-1].campaign,
        calculation_date=now_datetime(),
        touch_points=attribution.touch_points,
        credits=[
            _credit(touch, share, amount, grouping.channel_of(touch))
            for touch, share, amount in rows
            if share
        ],
    )
    # Nobody is logged in where this runs.
    doc.insert(ignore_permissions=True)


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
        "click_event": touch.name,
    }


def _precision(deal: dict) -> int:
    """Return how many decimals the deal's currency has: 2 for the euro, 0 for the yen."""
    currency = deal.get("currency") or frappe.db.get_default("currency")
    return decimals(currency and frappe.get_cached_value("Currency", currency, "number_format"))


def decimals(number_format: str | None) -> int:
    """Return how many decimals a format of Frappe's has: 2 for #,###.## or where there is none, 0 for #,###."""
    *groups, last = re.findall("#+", number_format or "#,###.##")
    separators = set((number_format or "").replace("#", ""))
    is_group = len(separators) == 1 and len(last) == 3
    return len(last) if groups and not is_group else 0


def _write_associations(deal: str, touches: Sequence[Touch], until: datetime, milestones: Milestones) -> None:
    """Say which links had a part: the first, the last, and those between as assists; made ones stay."""
    frappe.db.delete("Deal Link Association", {"deal_id": deal, "association_type": ("!=", "Manual")})
    default = settings.default_model()
    touches = journey(touches, until, attribution_models.window_days(default))
    if not touches:
        return
    shares = weights(attribution_models.load(default) or Model("Last Touch"), touches, until, milestones)
    by_link: dict[str, Fraction] = {}
    for touch, share in zip(touches, shares, strict=True):
        by_link[touch.link] = by_link.get(touch.link, Fraction(0)) + share
    for link, share in by_link.items():
        # As above.
        frappe.get_doc(
            doctype="Deal Link Association",
            deal_id=deal,
            tracked_link=link,
            association_type=_association_type(link, touches),
            attribution_weight=float(share),
        ).insert(ignore_permissions=True)


def _association_type(link: str, touches: Sequence[Touch]) -> str:
    if link == touches[0].link:
        return "First Touch"
    return "Last Touch" if link == touches[-1].link else "Assist"


def _credited_campaigns(deal: str) -> set[str]:
    attribution, credit = frappe.qb.DocType("Deal Attribution"), frappe.qb.DocType("Deal Attribution Credit")
    query = frappe.qb.from_(credit).join(attribution).on(credit.parent == attribution.name)
    query = query.select(credit.campaign).distinct().where(attribution.deal_id == deal)
    return {campaign for (campaign,) in query.run() if campaign}


def _revenue(campaign: str) -> float:
    """Return what the default model credits to ``campaign`` for deals won."""
    attribution, credit = frappe.qb.DocType("Deal Attribution"), frappe.qb.DocType("Deal Attribution Credit")
    query = (
        frappe.qb.from_(credit)
        .join(attribution)
        .on(credit.parent == attribution.name)
        .select(Sum(credit.amount))
        .where(credit.campaign == campaign)
        .where((attribution.attribution_model == settings.default_model()) & (attribution.is_won == 1))
    )
    return flt(query.run()[0][0])
