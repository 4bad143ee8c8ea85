"""Conversion Funnel: how many visitors became leads, deals and deals won."""

from frappe import _

from trackflow.analytics import funnel
from trackflow.analytics.layout import Column, Report, bars, card, column
from trackflow.analytics.questions import ask
from trackflow.analytics.refusals import answered_at_once


@answered_at_once
def execute(filters: dict | None = None) -> Report:
    """Return columns, rows, message, chart and summary. Raises as ``ask`` does."""
    question = ask(filters)
    found = funnel.steps(question)
    if not any(found.values()):
        return _columns(), [], None, None, []
    rows = _rows(found)
    message = _(
        "Visitors whose first click was in these days, however much later they went on. Deals as {0} credits them."
    ).format(_(question.model))
    return _columns(), rows, message, _chart(rows), _summary(found)


def _columns() -> list[Column]:
    return [
        column("step", _("Step"), width=300),
        column("number", _("Number"), "Int", 120),
        column("of_step_before", _("Of the Step Before"), "Percent", 160),
        column("of_visitors", _("Of Visitors"), "Percent", 140),
    ]


def _rows(found: dict[str, float]) -> list[dict]:
    labels = {
        "clicks": _("Clicks"),
        "visitors": _("New Visitors"),
        "leads": _("Became a Lead"),
        "deals": _("Had a Part in a Deal"),
        "won": _("Had a Part in a Won Deal"),
    }
    rows, before = [], 0
    for name, label in labels.items():
        number = found[name]
        row = {"step": label, "number": number, "of_step_before": None, "of_visitors": None}
        if name not in ("clicks", "visitors"):
            # A deal can come without a lead; then one step is no part of the one before.
            row["of_step_before"] = 100 * number / before if before and number <= before else None
            row["of_visitors"] = 100 * number / found["visitors"] if found["visitors"] else None
        rows.append(row)
        before = number
    return rows


def _chart(rows: list[dict]) -> dict | None:
    return bars([row["step"] for row in rows], {_("Number"): [row["number"] for row in rows]})


def _summary(found: dict[str, float]) -> list[dict]:
    visitors = found["visitors"]
    cards = [card(_("New Visitors"), visitors), card(_("Leads"), found["leads"])]
    if visitors:
        cards.append(card(_("Won Value per Visitor"), found["amount"] / visitors, "Currency"))
    return [*cards, card(_("Won Value"), found["amount"], "Currency")]
