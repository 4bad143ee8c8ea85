"""Model Comparison: what campaigns, channels or links earned under several models, side by side."""

import frappe
from frappe import _

from trackflow.analytics import credit, side_by_side
from trackflow.analytics.layout import Column, Report, bars, card, column, total, translated
from trackflow.analytics.questions import Question, ask
from trackflow.analytics.refusals import answered_at_once
from trackflow.attribution import models

# More bars beside each other can't be told apart.
MOST_IN_CHART = 4


@answered_at_once
def execute(filters: dict | None = None) -> Report:
    """Return columns, rows, message, chart and summary. Raises as ``ask`` does, and for a model there is not.

    ``models``: those to compare; unless given, all active ones that gave credit. Of two, there is the difference.
    """
    question = ask(filters)
    given, by = _models(question), question.by or "campaign"
    by_model = credit.earned_under(given or models.active(), by, question.period, question.deals)
    chosen = given or [model for model, found in by_model.items() if found]
    rows = side_by_side.rows([by_model[model] for model in chosen], by)
    if by == "channel":
        rows = translated(rows, "label")
    if len(chosen) == 2:
        rows = [row | {"difference": round(row["amount_1"] - row["amount_0"], 6)} for row in rows]
    return _columns(chosen, by), rows, None, _chart(chosen, rows), _summary(chosen, rows)


def _models(question: Question) -> list[str]:
    given = frappe.parse_json(question.more.get("models") or [])
    # Twice the same would be no comparison.
    return list(dict.fromkeys(given))


def _columns(chosen: list[str], by: str) -> list[Column]:
    heading = {
        "campaign": _("Campaign"),
        "channel": _("Channel"),
        "link": _("Tracked Link"),
        "source": _("Source"),
        "medium": _("Medium"),
        "variant": _("Variant"),
    }[by]
    names = [column("label", heading, width=220)]
    if by == "variant":
        names.append(column("link", _("Tracked Link"), "Link", 130, "Tracked Link"))
    amounts = [column(f"amount_{place}", _(model), "Currency", 140) for place, model in enumerate(chosen)]
    difference = [column("difference", _("Difference"), "Currency", 130)] if len(chosen) == 2 else []
    return [*names, *amounts, *difference]


def _chart(chosen: list[str], rows: list[dict]) -> dict | None:
    shown = list(enumerate(chosen))[:MOST_IN_CHART]
    datasets = {_(model): [row[f"amount_{place}"] for row in rows] for place, model in shown}
    return bars([row["label"] for row in rows], datasets, money=True)


def _summary(chosen: list[str], rows: list[dict]) -> list[dict]:
    if not rows:
        return []
    shown = list(enumerate(chosen))[:MOST_IN_CHART]
    return [card(_(model), total(rows, f"amount_{place}"), "Currency") for place, model in shown]
