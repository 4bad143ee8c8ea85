"""Cohorts: revenue by the month in which people came first."""

from frappe import _
from frappe.utils import formatdate

from trackflow.analytics import cohorts
from trackflow.analytics.layout import Column, Report, bars, card, column, total
from trackflow.analytics.questions import ask
from trackflow.analytics.refusals import answered_at_once


@answered_at_once
def execute(filters: dict | None = None) -> Report:
    """Return columns, rows, message, chart and summary. Raises as ``ask`` does."""
    question = ask(filters)
    rows = [row | {"label": formatdate(row["month"], "MMM yyyy")} for row in cohorts.rows(question)]
    message = _("By the month of the first touch. Won value as {0} credits it.").format(_(question.model))
    return _columns(rows), rows, message if rows else None, _chart(rows), _summary(rows)


def _columns(rows: list[dict]) -> list[Column]:
    return [
        column("label", _("First Touch"), width=120),
        column("visitors", _("Visitors"), "Int", 90),
        column("leads", _("Leads"), "Int", 80),
        column("deals", _("Won Deals"), "Int", 100),
        column("amount", _("Won Value"), "Currency", 120),
        column("amount_per_visitor", _("Won Value per Visitor"), "Currency", 160, disable_total=1),
        *[column(f"month_{number}", _heading(number), "Currency", 110) for number in _months(rows)],
    ]


def _months(rows: list[dict]) -> range:
    """Return the months up to the last in which anything was won."""
    won = [number for number in range(cohorts.MONTHS + 1) if total(rows, f"month_{number}")]
    return range(max(won, default=0) + 1)


def _heading(number: int) -> str:
    if number == 0:
        return _("Same Month")
    return _("Month {0}").format(number) if number < cohorts.MONTHS else _("Month {0} on").format(number)


def _chart(rows: list[dict]) -> dict | None:
    latest = rows[-12:]
    return bars(
        [row["label"] for row in latest], {_("Won Value"): [row["amount"] for row in latest]}, money=True
    )


def _summary(rows: list[dict]) -> list[dict]:
    if not rows:
        return []
    return [
        card(_("Visitors"), total(rows, "visitors")),
        card(_("Leads"), total(rows, "leads")),
        card(_("Won Deals"), total(rows, "deals")),
        card(_("Won Value"), total(rows, "amount"), "Currency"),
    ]
