"""Channel Overview: visitors, leads and money by the kind of marketing that brought them."""

from frappe import _

from trackflow.analytics import channels
from trackflow.analytics.layout import Column, Report, bars, card, column, rate, total, translated
from trackflow.analytics.questions import ask
from trackflow.analytics.refusals import answered_at_once


@answered_at_once
def execute(filters: dict | None = None) -> Report:
    """Return columns, rows, message, chart and summary. Raises as ``ask`` does."""
    question = ask(filters)
    rows = channels.rows(question)
    won = total(rows, "amount")
    rows = [row | {"value_share": 100 * row["amount"] / won if won else None} for row in rows]
    rows = translated([row | {"key": row["channel"]} for row in rows], "channel")
    message = _("Channels and credit as {0} has them.").format(_(question.model)) if rows else None
    return _columns(), rows, message, _chart(rows), _summary(rows)


def _columns() -> list[Column]:
    return [
        column("channel", _("Channel"), width=180),
        column("visitors", _("New Visitors"), "Int", 120),
        column("sessions", _("Sessions"), "Int", 110),
        column("leads", _("Leads"), "Int", 90),
        rate("lead_rate", _("Leads per Visitor"), 140),
        column("deals", _("Deals"), "Float", 90, precision=2),
        column("amount", _("Won Value"), "Currency", 140),
        rate("value_share", _("Share of Won Value"), 150),
    ]


def _chart(rows: list[dict]) -> dict | None:
    labels = [row["channel"] for row in rows]
    if total(rows, "amount"):
        return bars(labels, {_("Won Value"): [row["amount"] for row in rows]}, money=True)
    return bars(labels, {_("Sessions"): [row["sessions"] for row in rows]})


def _summary(rows: list[dict]) -> list[dict]:
    if not rows:
        return []
    return [
        card(_("New Visitors"), total(rows, "visitors")),
        card(_("Sessions"), total(rows, "sessions")),
        card(_("Leads"), total(rows, "leads")),
        card(_("Won Value"), total(rows, "amount"), "Currency"),
    ]
