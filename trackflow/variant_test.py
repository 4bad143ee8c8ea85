"""What the visitors of a link's variants did: the figures of the variant test."""

from dataclasses import dataclass
from datetime import date

import frappe
from frappe.query_builder.functions import Count, Max, Min, Sum
from frappe.utils import add_days, flt

from trackflow import settings
from trackflow.domain.experiments import Arm


@dataclass(frozen=True)
class Sample:
    """The arms of a test, and how many visitors saw several variants and are therefore in none."""

    arms: tuple[Arm, ...]
    crossovers: int


def sample(link: str, from_date: date | None = None, to_date: date | None = None) -> Sample:
    """Return what is known of the visitors who clicked variants of ``link`` from one day to another, both included.

    Only human clicks count. A visitor has converted if any conversion was tied to the link after the visitor's
    first click in that time, and brought what the default attribution model credits to the visitor's clicks on
    the link since then, for deals won.
    """
    cohort = _cohort(link, from_date, to_date)
    visitors, crossovers = _visitors(cohort)
    converted, amounts = _converted(cohort, link), _amounts(cohort, link)
    arms = (Arm(name, count, converted.get(name, 0), amounts.get(name, ())) for name, count in visitors)
    return Sample(tuple(arms), crossovers)


def _cohort(link: str, from_date: date | None, to_date: date | None) -> "frappe.qb.Table":
    """Return a subquery: each visitor with the variant, how many variants they were, and the first click."""
    event = frappe.qb.DocType("Click Event")
    query = (
        frappe.qb.from_(event)
        .select(
            event.visitor_id,
            Min(event.variant).as_("variant"),
            Max(event.variant).as_("other_variant"),
            Min(event.click_timestamp).as_("first_click"),
        )
        .where((event.tracked_link == link) & (event.verdict == "human"))
        .where((event.variant != "") & (event.visitor_id != ""))
        .groupby(event.visitor_id)
    )
    if from_date:
        query = query.where(event.click_timestamp >= from_date)
    if to_date:
        query = query.where(event.click_timestamp < add_days(to_date, 1))
    return query.as_("cohort")


def _visitors(cohort: "frappe.qb.Table") -> tuple[list[tuple[str, int]], int]:
    query = frappe.qb.from_(cohort).select(cohort.variant, cohort.other_variant, Count("*"))
    rows = query.groupby(cohort.variant, cohort.other_variant).orderby(cohort.variant).run()
    crossovers = sum(count for one, other, count in rows if one != other)
    return [(one, count) for one, other, count in rows if one == other], crossovers


def _converted(cohort: "frappe.qb.Table", link: str) -> dict[str, int]:
    conversion = frappe.qb.DocType("Link Conversion")
    query = (
        frappe.qb.from_(cohort)
        .join(conversion)
        .on(conversion.visitor_id == cohort.visitor_id)
        .select(cohort.variant, Count(cohort.visitor_id).distinct())
        .where((conversion.tracked_link == link) & (conversion.conversion_date >= cohort.first_click))
        .where(cohort.variant == cohort.other_variant)
        .groupby(cohort.variant)
    )
    return dict(query.run())


def _amounts(cohort: "frappe.qb.Table", link: str) -> dict[str, tuple[float, ...]]:
    attribution, credit = frappe.qb.DocType("Deal Attribution"), frappe.qb.DocType("Deal Attribution Credit")
    query = (
        frappe.qb.from_(cohort)
        .join(credit)
        .on(credit.visitor_id == cohort.visitor_id)
        .join(attribution)
        .on(credit.parent == attribution.name)
        .select(cohort.variant, Sum(credit.amount))
        .where((credit.tracked_link == link) & (credit.touch_time >= cohort.first_click))
        .where((attribution.attribution_model == settings.default_model()) & (attribution.is_won == 1))
        .where(cohort.variant == cohort.other_variant)
        .groupby(cohort.variant, cohort.visitor_id)
        # The bootstrap draws in this order, and the same data should give the same answer.
        .orderby(cohort.variant, cohort.visitor_id)
    )
    amounts: dict[str, tuple[float, ...]] = {}
    for variant, amount in query.run():
        if amount:
            amounts[variant] = (*amounts.get(variant, ()), flt(amount))
    return amounts
