"""What campaigns earned: their revenue, won deals and conversions, by the credit that the default model gives."""

from collections.abc import Collection

import frappe
from frappe.query_builder.functions import Count, Sum
from frappe.utils import flt

from trackflow import counters, settings

# Shares are percentages with nine decimals; three thirds of them make one whole.
DECIMALS = 4


def refresh(campaigns: Collection[str]) -> None:
    """Set the figures of ``campaigns`` anew; names of what is no Link Campaign do no harm.

    To be called when credit has been written: the lock lets jobs that credit the same campaigns take turns, and the
    later one sees what the earlier one has committed.
    """
    known = counters.lock_campaigns(campaigns)
    if not known:
        return
    earned, converted = _earned(known), _converted(known)
    for campaign in known:
        revenue, won_deals = earned.get(campaign, (0, 0))
        conversions, shares = converted.get(campaign, (0, 0))
        counters.set_results(
            campaign,
            revenue=flt(revenue),
            won_deals=round(flt(won_deals) / 100, DECIMALS),
            conversions=conversions,
            credited_conversions=round(flt(shares) / 100, DECIMALS),
        )


def refresh_all() -> None:
    """Set the figures of all campaigns anew."""
    refresh(frappe.get_all("Link Campaign", pluck="name"))


def _earned(campaigns: list[str]) -> dict[str, tuple[float, float]]:
    """Return {campaign: (amount, percent of deals)} of what the default model credits for deals that were won."""
    attribution, credit = frappe.qb.DocType("Deal Attribution"), frappe.qb.DocType("Deal Attribution Credit")
    query = (
        frappe.qb.from_(credit)
        .join(attribution)
        .on(credit.parent == attribution.name)
        .select(credit.campaign, Sum(credit.amount), Sum(credit.weight))
        .where(credit.campaign.isin(campaigns))
        .where((attribution.attribution_model == settings.default_model()) & (attribution.is_won == 1))
        .groupby(credit.campaign)
    )
    return {campaign: (amount, weight) for campaign, amount, weight in query.run()}


def _converted(campaigns: list[str]) -> dict[str, tuple[int, float]]:
    """Return {campaign: (conversions it has a part in, percent of conversions)} of those that count."""
    conversion, credit = frappe.qb.DocType("Conversion"), frappe.qb.DocType("Conversion Credit")
    query = (
        frappe.qb.from_(credit)
        .join(conversion)
        .on(credit.parent == conversion.name)
        .select(credit.campaign, Count(conversion.name).distinct(), Sum(credit.weight))
        .where(credit.campaign.isin(campaigns) & (conversion.is_counted == 1) & (credit.weight > 0))
        .groupby(credit.campaign)
    )
    return {campaign: (number, weight) for campaign, number, weight in query.run()}
