"""Campaign Performance: what each campaign brought in a period, and what it cost."""

from frappe import _

from trackflow.analytics import campaigns
from trackflow.analytics.layout import Column, Report, bars, card, column, number, rate, total, translated
from trackflow.analytics.questions import ask
from trackflow.analytics.refusals import answered_at_once


@answered_at_once
def execute(filters: dict | None = None) -> Report:
    """Return columns, rows, message, chart and summary. Raises as ``ask`` does."""
    question = ask(filters)
    rows = translated(campaigns.rows(question), "status", "campaign_type")
    message = _("Deals and won value as {0} credits them.").format(_(question.model)) if rows else None
    return _columns(), rows, message, _chart(rows), _summary(rows)


def _columns() -> list[Column]:
    return [
        column("campaign", _("Campaign"), "Link", 200, "Link Campaign"),
        column("status", _("Status"), width=90),
        column("campaign_type", _("Type"), width=110),
        column("clicks", _("Clicks"), "Int", 90),
        column("visitors", _("New Visitors"), "Int", 110),
        column("leads", _("Leads"), "Int", 80),
        rate("lead_rate", _("Leads per Visitor")),
        column("deals", _("Deals"), "Float", 90, precision=2),
        column("amount", _("Won Value"), "Currency", 130),
        column("budget", _("Budget"), "Currency", 120),
        column("spent", _("Spent"), "Currency", 120),
        column("cost_per_click", _("Cost per Click"), "Currency", 120, disable_total=1),
        column("cost_per_lead", _("Cost per Lead"), "Currency", 120, disable_total=1),
        rate("roi", _("ROI"), 100),
    ]


def _chart(rows: list[dict]) -> dict | None:
    labels = [row["campaign"] for row in rows]
    if total(rows, "amount"):
        return bars(labels, {_("Won Value"): [row["amount"] for row in rows]}, money=True)
    return bars(labels, {_("Clicks"): [row["clicks"] for row in rows]})


def _summary(rows: list[dict]) -> list[dict]:
    if not rows:
        return []
    return [
        card(_("Clicks"), total(rows, "clicks")),
        card(_("Leads"), total(rows, "leads")),
        card(_("Deals"), number(total(rows, "deals"), 2), "Data"),
        card(_("Won Value"), total(rows, "amount"), "Currency"),
    ]
