"""What the form of a campaign shows: the way from clicks to won value, its days, and its links with their figures."""

import frappe
from frappe.query_builder import Case
from frappe.query_builder.functions import Count, Sum
from frappe.utils import flt

from trackflow import settings
from trackflow.attribution import models as attribution_models
from trackflow.integrations import crm
from trackflow.integrations.crm import values
from trackflow.panels import days

DAYS = 90
LINKS = 20


def overview(campaign: str) -> dict:
    """Return ``{"model", "currency", "funnel", "days", "links", "more_links"}`` of a campaign.

    model: by which deals and won value are credited. currency: of all value. funnel: see ``funnel``. days: the last 90, oldest first.
    links: those with most clicks, and how many more there are.
    """
    model = settings.default_model()
    most, more = links(campaign, model)
    return {
        "model": model,
        "currency": values.company_currency(),
        "funnel": funnel(campaign, model),
        "days": days.of("campaign", campaign, DAYS),
        "links": most,
        "more_links": more,
    }


def funnel(campaign: str, model: str) -> dict[str, int | float]:
    """Return the numbers of human ``clicks``, ``visitors``, and with Frappe CRM ``leads``, ``deals``, ``won`` and ``value``.

    A visitor counts once for ever. Leads followed a link of the campaign within the attribution window. Of deals
    the campaign has credit under ``model``; the value is its share of those that are ``won``.
    """
    clicks, visitors = frappe.db.get_value("Link Campaign", campaign, ["total_clicks", "unique_visitors"])
    steps: dict[str, int | float] = {"clicks": clicks, "visitors": visitors}
    if crm.is_installed():
        steps["leads"] = _leads(campaign)
        steps |= _deals(campaign, model)
    return steps


def won_value_by_model(campaign: str) -> list[dict]:
    """Return ``{"model", "value"}`` of each active model that has something to go by: the campaign's share of won deals.

    Asks nobody for rights.
    """
    if not crm.is_installed():
        return []
    attribution, credit = frappe.qb.DocType("Deal Attribution"), frappe.qb.DocType("Deal Attribution Credit")
    query = frappe.qb.from_(credit).join(attribution).on(attribution.name == credit.parent)
    query = query.select(attribution.attribution_model, Sum(credit.amount))
    query = query.where((credit.campaign == campaign) & (attribution.is_won == 1))
    earned = dict(query.groupby(attribution.attribution_model).run())
    models = filter(attribution_models.load, attribution_models.active())
    return [{"model": model, "value": flt(earned.get(model))} for model in models]


def _leads(campaign: str) -> int:
    tied, conversion = frappe.qb.DocType("Link Conversion"), frappe.qb.DocType("Conversion")
    link = frappe.qb.DocType("Tracked Link")
    query = (
        frappe.qb.from_(link)
        .join(tied)
        .on(tied.tracked_link == link.name)
        .join(conversion)
        .on(conversion.name == tied.conversion)
        .select(Count(conversion.reference_name).distinct())
        .where((link.campaign == campaign) & (conversion.reference_doctype == "CRM Lead"))
    )
    return query.run()[0][0]


def _deals(campaign: str, model: str) -> dict[str, int | float]:
    attribution, credit = frappe.qb.DocType("Deal Attribution"), frappe.qb.DocType("Deal Attribution Credit")
    won = Case().when(attribution.is_won == 1, attribution.name)
    value = Case().when(attribution.is_won == 1, credit.amount).else_(0)
    query = _credits(campaign, model).select(
        Count(attribution.name).distinct(), Count(won).distinct(), Sum(value)
    )
    deals, closed, earned = query.run()[0]
    return {"deals": deals, "won": closed, "value": flt(earned)}


def links(campaign: str, model: str) -> tuple[list[dict], int]:
    """Return the links with most clicks that the user may see, each with what it earned, and how many more there are."""
    rows = frappe.get_list(
        "Tracked Link",
        filters={"campaign": campaign},
        fields=[
            "name", "title", "short_code", "status", "click_count", "unique_visitor_count", "conversion_count",
        ],
        order_by="click_count desc, name asc",
        limit_page_length=LINKS,
    )  # fmt: skip
    earned = _earned_by_link(campaign, model) if crm.is_installed() else {}
    number = frappe.db.count("Tracked Link", {"campaign": campaign})
    return [row | {"value": earned.get(row.name, 0.0)} for row in rows], number - len(rows)


def _earned_by_link(campaign: str, model: str) -> dict[str, float]:
    attribution, credit = frappe.qb.DocType("Deal Attribution"), frappe.qb.DocType("Deal Attribution Credit")
    query = _credits(campaign, model).select(credit.tracked_link, Sum(credit.amount))
    query = query.where(attribution.is_won == 1).groupby(credit.tracked_link)
    return {link: flt(amount) for link, amount in query.run()}


def _credits(campaign: str, model: str) -> "frappe.qb.Query":
    attribution, credit = frappe.qb.DocType("Deal Attribution"), frappe.qb.DocType("Deal Attribution Credit")
    return (
        frappe.qb.from_(credit)
        .join(attribution)
        .on(attribution.name == credit.parent)
        .where((credit.campaign == campaign) & (attribution.attribution_model == model))
    )
