"""What each campaign did in a period: clicks, leads, money."""

from datetime import date

import frappe
from frappe.utils import flt, getdate

from trackflow.analytics import clicks, conversions, credit
from trackflow.analytics.clicks import Clicks
from trackflow.analytics.credit import Earned
from trackflow.analytics.periods import Period
from trackflow.analytics.questions import Question
from trackflow.domain import budgets

FIELDS = ("name", "status", "campaign_type", "budget", "amount_spent", "start_date", "end_date", "creation")
FILTERS = ("status", "campaign_type")


def rows(question: Question) -> list[dict]:
    """Return a row for each campaign that the user may read and that had anything in the period, most won first.

    What is divided by or compared with the cost is there only where the period covers the whole campaign:
    there are no costs of days.
    """
    counted = clicks.by_campaign(question.period, question.campaign)
    leads = conversions.leads_by_campaign(question.period)
    earned = credit.earned(question.model, "campaign", question.period, question.deals)
    made = [
        _row(
            campaign,
            counted.get(campaign.name, Clicks()),
            leads.get(campaign.name, 0),
            earned.get((campaign.name, ""), Earned()),
            _is_covered(campaign, question.period),
        )
        for campaign in _campaigns(question)
    ]
    shown = [
        row for row in made if question.campaign or any(row[name] for name in ("clicks", "leads", "deals"))
    ]
    return sorted(shown, key=lambda row: (-row["amount"], -row["clicks"], row["campaign"]))


def _campaigns(question: Question) -> list[dict]:
    filters = {name: question.more[name] for name in FILTERS if question.more.get(name)}
    if question.campaign:
        filters["name"] = question.campaign
    return frappe.get_list(
        "Link Campaign", filters=filters, fields=list(FIELDS), order_by="name asc", limit_page_length=0
    )


def _is_covered(campaign: dict, period: Period) -> bool:
    """Say whether all days of the campaign so far lie in the period."""
    began = campaign.start_date or campaign.creation.date()
    ended = min(campaign.end_date or date.max, getdate())
    return not (
        (period.from_date and period.from_date > began) or (period.to_date and period.to_date < ended)
    )


def _row(campaign: dict, counted: Clicks, leads: int, earned: Earned, is_covered: bool) -> dict:
    budget, spent, visitors = (
        flt(campaign.budget),
        flt(campaign.amount_spent),
        counted.campaign_unique_visitors,
    )
    row = {
        "campaign": campaign.name,
        "status": campaign.status,
        "campaign_type": campaign.campaign_type,
        "clicks": counted.clicks,
        "visitors": visitors,
        "leads": leads,
        "lead_rate": 100 * leads / visitors if visitors else None,
        "deals": earned.share,
        "amount": earned.amount,
        "budget": budget,
        "spent": spent,
    }
    cost = budgets.cost(budget, spent)
    return row | (_ratios(row, cost) if cost and is_covered else {})


def _ratios(row: dict, cost: float) -> dict:
    return {
        "cost_per_click": cost / row["clicks"] if row["clicks"] else None,
        "cost_per_lead": cost / row["leads"] if row["leads"] else None,
        "roi": 100 * (row["amount"] - cost) / cost,
    }
