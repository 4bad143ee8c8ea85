"""What the touches of a deal earned: writes Deal Attribution, Deal Link Association and campaigns' revenue."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import frappe
from frappe.query_builder.functions import Sum
from frappe.utils import cint, cstr, flt, now_datetime

from trackflow import counters, settings
from trackflow.domain.attribution import Model, split, weights
from trackflow.domain.touchpoints import Touch
from trackflow.integrations import crm


def credit_touches(deal: dict, touches: Sequence[Touch], until: datetime, is_won: bool) -> None:
    """Write the credit of ``touches`` (oldest first) for ``deal`` under every active model, replacing the old.

    ``until`` is the outcome from which ages are measured. Without touches nothing is left but what was made
    by hand.
    """
    campaigns = _credited_campaigns(deal.name) | {touch.campaign for touch in touches if touch.campaign}
    _lock(campaigns)
    _delete_attributions(deal.name)
    if touches:
        for name in frappe.get_all("Attribution Model", {"is_active": 1}, pluck="name", order_by="name asc"):
            _write_attribution(deal, name, touches, until, is_won)
    _write_associations(deal.name, touches, until)
    for campaign in sorted(campaigns):
        counters.set_revenue(campaign, _revenue(campaign))


def _lock(campaigns: set[str]) -> None:
    """Let jobs for deals of the same campaigns take turns, or each would sum up revenue without the other's."""
    if not campaigns:
        return
    campaign = frappe.qb.DocType("Link Campaign")
    query = frappe.qb.from_(campaign).select(campaign.name).where(campaign.name.isin(sorted(campaigns)))
    query.orderby(campaign.name).for_update().run()


def _delete_attributions(deal: str) -> None:
    """Make room for the new ones of the same names. Not delete_doc, which starts a job for each of them."""
    names = frappe.get_all("Deal Attribution", {"deal_id": deal}, pluck="name")
    if names:
        frappe.db.delete("Deal Attribution Credit", {"parent": ("in", names)})
        frappe.db.delete("Deal Attribution", {"name": ("in", names)})


def _write_attribution(
    deal: dict, name: str, touches: Sequence[Touch], until: datetime, is_won: bool
) -> None:
    shares = weights(_model(name), touches, until)
    value = Decimal(cstr(crm.deal_value(deal)))
    amounts = split(value, shares, _precision(deal))
    doc = frappe.get_doc(
        doctype="Deal Attribution",
        deal_id=deal.name,
        attribution_model=name,
        attribution_value=value,
        is_won=int(is_won),
        first_touch_campaign=touches[0].campaign,
        last_touch_campaign=touches[-1].campaign,
        calculation_date=now_datetime(),
        touch_points=frappe.as_json(
            [asdict(touch) | {"weight": float(share)} for touch, share in zip(touches, shares, strict=True)]
        ),
        credits=[_credit(*row) for row in zip(touches, shares, amounts, strict=True) if row[1]],
    )
    # Nobody is logged in where this runs.
    doc.insert(ignore_permissions=True)


def _credit(touch: Touch, share: Fraction, amount: Decimal) -> dict:
    return {
        "touch_time": touch.at,
        "campaign": touch.campaign,
        "tracked_link": touch.link,
        "weight": float(share * 100),
        "amount": amount,
        "source": touch.source,
        "medium": touch.medium,
        "variant": touch.variant,
        "visitor_id": touch.visitor_id,
        "click_event": touch.name,
    }


def _model(name: str) -> Model:
    """Return the model with its parameters: its own, else the settings', else the usual ones."""
    doc = frappe.get_cached_doc("Attribution Model", name)
    general = settings.attribution_parameters()

    def parameter(fieldname: str, usual: int) -> float:
        return flt(doc.get(fieldname) or general.get(fieldname) or usual)

    return Model(
        doc.model_type,
        half_life_days=cint(parameter("time_decay_half_life_days", 7)),
        first_weight=Fraction(parameter("position_based_first_weight", 40)),
        last_weight=Fraction(parameter("position_based_last_weight", 40)),
    )


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


def _write_associations(deal: str, touches: Sequence[Touch], until: datetime) -> None:
    """Say which links had a part: the first, the last, and those between as assists; made ones stay."""
    frappe.db.delete("Deal Link Association", {"deal_id": deal, "association_type": ("!=", "Manual")})
    if not touches:
        return
    shares = weights(_model(settings.default_model()), touches, until)
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
