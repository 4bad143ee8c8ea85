"""What each link did in a period: clicks, outcomes, money."""

import frappe

from trackflow.analytics import clicks, conversions, credit
from trackflow.analytics.clicks import Clicks
from trackflow.analytics.credit import Earned
from trackflow.analytics.questions import Question

FIELDS = ("name", "title", "short_code", "campaign", "status", "last_click")


def rows(question: Question) -> list[dict]:
    """Return a row for each link that the user may read and that had anything in the period, most won first."""
    counted = clicks.by_link(question.period, question.campaign)
    converted = conversions.by_link(question.period)
    earned = credit.earned(question.model, "link", question.period, question.deals)
    made = [
        _row(
            link,
            counted.get(link.name, Clicks()),
            converted.get(link.name, 0),
            earned.get((link.name, ""), Earned()),
        )
        for link in _links(question)
    ]
    shown = [row for row in made if any(row[name] for name in ("clicks", "left_out", "conversions", "deals"))]
    return sorted(shown, key=lambda row: (-row["amount"], -row["clicks"], row["title"], row["tracked_link"]))


def _links(question: Question) -> list[dict]:
    filters = {name: question.more[name] for name in ("campaign", "status") if question.more.get(name)}
    return frappe.get_list(
        "Tracked Link", filters=filters, fields=list(FIELDS), order_by="name asc", limit_page_length=0
    )


def _row(link: dict, counted: Clicks, converted: int, earned: Earned) -> dict:
    return {
        "tracked_link": link.name,
        "title": link.title or link.short_code,
        "short_code": link.short_code,
        "campaign": link.campaign,
        "status": link.status,
        "clicks": counted.clicks,
        "visitors": counted.unique_visitors,
        "left_out": counted.left_out,
        "conversions": converted,
        "deals": earned.share,
        "amount": earned.amount,
        "last_click": link.last_click,
    }
