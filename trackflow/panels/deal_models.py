"""All models side by side: what each gives the touches of a deal."""

from collections.abc import Sequence

from frappe import _
from frappe.utils import fmt_money

from trackflow.panels import moments, touch_lines


def table(told: dict) -> dict:
    """Return ``{"models", "first", "rows", "totals", "without_credit"}`` of ``one_deal.attribution``'s answer.

    models: what those are called that give credit, the default one first; first: the name of that one. rows: a touch
    each, with ``number``, ``at``, ``from`` and ``cells``, one a model: None, or ``{"amount", "percent", "width"}`` (width:
    0 to 100). totals: what the models' amounts sum to. without_credit: what those are called that give none.
    """
    giving = [model for model in told["models"] if model["credits"]]
    credits = [{credit["touch"]: credit for credit in model["credits"]} for model in giving]
    currency = told["currency"]
    called = {name: _(name) for name in (model["model"] for model in told["models"])}
    return {
        "models": [called[model["model"]] for model in giving],
        "rows": [_row(number, touch, credits, currency) for number, touch in enumerate(told["touches"], 1)],
        "totals": [fmt_money(_total(model), currency=currency) for model in giving],
        "first": giving[0]["model"] if giving else "",
        "without_credit": [called[model["model"]] for model in told["models"] if not model["credits"]],
    }


def _row(number: int, touch: dict, credits: Sequence[dict[str, dict]], currency: str) -> dict:
    channel = touch["channel"]
    return {
        "number": number,
        "at": moments.shown(touch["at"]),
        "from": touch_lines.source(touch),
        "about": touch["campaign"] or touch["link_title"] or _(channel),
        "cells": [_cell(credit.get(touch["touch"]), currency) for credit in credits],
    }


def _cell(credit: dict | None, currency: str) -> dict | None:
    if not credit:
        return None
    return {
        "amount": fmt_money(credit["amount"], currency=currency),
        "percent": touch_lines.percent(credit["weight"]),
        "width": round(100 * credit["weight"], 1),
    }


def _total(model: dict) -> float:
    # Amounts have their last digit far above what adding floats can lose.
    return round(sum(credit["amount"] for credit in model["credits"]), 6)
