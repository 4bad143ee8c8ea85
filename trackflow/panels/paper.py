"""What print formats show: figures, texts and charts of a campaign or a deal. The functions are called from Jinja."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import frappe
from frappe import _
from frappe.utils import cint, flt, fmt_money, format_date, getdate, now_datetime
from frappe.www.printview import validate_print_permission
from markupsafe import Markup

from trackflow import settings
from trackflow.analytics.charts import short_day
from trackflow.analytics.layout import fixed
from trackflow.domain import charts
from trackflow.domain.budgets import cost
from trackflow.integrations import crm
from trackflow.integrations.crm import values
from trackflow.panels import campaign as campaign_panel
from trackflow.panels import days, moments, origin, touch_lines

# So many models are side by side on a sheet of A4.
COLUMNS = 4


def trackflow_campaign(campaign: str) -> dict:
    """Return what a report on a campaign shows: texts, and charts as SVG.

    What campaigns earned is in it for those who may read attributions; ``shows_credit`` says whether. Raises
    PermissionError for those who may not print the campaign.
    """
    doc = frappe.get_doc("Link Campaign", campaign)
    validate_print_permission(doc)
    shows_credit = bool(frappe.has_permission("Deal Attribution", "read"))
    model = settings.default_model()
    links, more_links = _links(campaign, model)
    return {
        "title": doc.campaign_name,
        "about": _about_campaign(doc),
        "figures": _figures(doc, shows_credit),
        "shows_credit": shows_credit,
        "model": _(model),
        "funnel": _funnel(campaign_panel.funnel(campaign, model), shows_credit),
        "days": _days(days.of("campaign", campaign, campaign_panel.DAYS)),
        "links": links,
        "more_links": more_links,
        "models": _models(campaign) if shows_credit else None,
        "printed_at": moments.shown(now_datetime()),
    }


def trackflow_deal(attribution: str) -> dict:
    """Return what a report on a deal shows, whose Deal Attribution of any model is named: ``origin.deal_view`` and more.

    Raises PermissionError for those who may not print that attribution: it says the same of one model.
    """
    row = frappe.get_doc("Deal Attribution", attribution)
    validate_print_permission(row)
    if not (crm.is_installed() and frappe.db.exists("CRM Deal", row.deal_id)):
        frappe.throw(_("The deal {0} is not there any more.").format(frappe.utils.escape_html(row.deal_id)))
    deal = frappe.get_doc("CRM Deal", row.deal_id)
    view = origin.deal_view(deal)
    places = range(len(view["models"]))
    return view | {
        "organization": deal.get("organization") or "",
        "model": _(row.attribution_model),
        "chart": _earned_by_campaigns(row),
        "sheets": [places[start : start + COLUMNS] for start in places[::COLUMNS]],
        "printed_at": moments.shown(now_datetime()),
    }


# ---------------------------------------------------------------- campaigns


def _about_campaign(doc: "frappe.model.document.Document") -> list[tuple[str, str]]:
    dates = [format_date(day) for day in (doc.start_date, doc.end_date) if day]
    about = [
        (_("Campaign ID"), doc.campaign_id),
        (_("Status"), _(doc.status)),
        (_("Period"), " – ".join(dates)),
        (_("Type"), _(doc.campaign_type) if doc.campaign_type else ""),
        (_("Source and Medium"), " / ".join(filter(None, (doc.source, doc.medium)))),
        (_("Budget"), _money(doc.budget) if doc.budget else ""),
        (_("Spent"), _money(doc.amount_spent) if doc.amount_spent else ""),
    ]
    return [(label, text) for label, text in about if text]


def _figures(doc: "frappe.model.document.Document", shows_credit: bool) -> list[tuple[str, str]]:
    figures = [
        (_("Clicks"), str(cint(doc.total_clicks))),
        (_("Visitors"), str(cint(doc.unique_visitors))),
        (_("Conversions"), str(cint(doc.conversions))),
        (_("Conversion Rate"), f"{fixed(flt(doc.conversion_rate), 1)} %"),
    ]
    if doc.cost_per_click:
        figures.append((_("Cost per Click"), _money(doc.cost_per_click)))
    if shows_credit:
        figures += [(_("Won Deals"), fixed(flt(doc.won_deals), 2)), (_("Revenue"), _money(doc.revenue))]
        if cost(doc.budget, doc.amount_spent):
            figures.append((_("ROI"), f"{fixed(flt(doc.roi_percentage), 1)} %"))
    return figures


def _funnel(steps: dict, shows_credit: bool) -> Markup:
    labels = {"clicks": _("Clicks"), "visitors": _("Visitors"), "leads": _("Leads")}
    if shows_credit:
        labels |= {"deals": _("Deals"), "won": _("Deals Won")}
    rows = [
        charts.Bar(label, str(steps[name]), steps[name]) for name, label in labels.items() if name in steps
    ]
    return Markup(charts.bars(rows, _("From clicks to won deals")))


def _days(told: Sequence[dict]) -> dict:
    clicks = sum(day["clicks"] for day in told)
    rows = [
        charts.Day(_label(getdate(day["date"]), place), day["clicks"], day["visitors"])
        for place, day in enumerate(told)
    ]
    title = _("{0} clicks in {1} days").format(clicks, len(told))
    return {"title": title, "chart": Markup(charts.days(rows, title)) if clicks else None}


def _label(day: date, place: int) -> str:
    """Each second week has its first day below it."""
    return short_day(day) if place % 14 == 0 else ""


def _links(campaign: str, model: str) -> tuple[list[dict], int]:
    """Return the links with most clicks, and how many more there are; none for who was sent the report alone."""
    if not frappe.has_permission("Tracked Link", "read"):
        return [], 0
    links, more = campaign_panel.links(campaign, model)
    return [_link(link) for link in links], more


def _link(link: dict) -> dict:
    status = link["status"]
    return {
        "title": link["title"] or link["short_code"],
        "short_code": link["short_code"],
        "status": _(status),
        "clicks": cint(link["click_count"]),
        "visitors": cint(link["unique_visitor_count"]),
        "conversions": cint(link["conversion_count"]),
        "value": _money(link["value"]),
    }


def _models(campaign: str) -> Markup | None:
    earned = {row["model"]: row["value"] for row in campaign_panel.won_value_by_model(campaign)}
    rows = [charts.Bar(_(model), _money(value), value) for model, value in earned.items()]
    return Markup(charts.bars(rows, _("Won value under each model"))) if rows else None


def _money(amount: float | None) -> str:
    return fmt_money(flt(amount), currency=values.company_currency())


# ---------------------------------------------------------------- deals


def _earned_by_campaigns(row: "frappe.model.document.Document") -> Markup | None:
    """What campaigns earned under the model that is printed, most first; what came without one by its channel."""
    earned: Counter[str] = Counter()
    shares: Counter[str] = Counter()
    for credit in row.credits:
        name = credit.campaign or _(credit.channel or "Direct")
        earned[name] += flt(credit.amount)
        shares[name] += flt(credit.weight) / 100
    bars = [
        charts.Bar(
            name,
            f"{fmt_money(round(earned[name], 6), currency=row.currency)} ({touch_lines.percent(share)})",
            share,
        )
        for name, share in shares.most_common()
    ]
    return Markup(charts.bars(bars, _("What campaigns earned"))) if bars else None
