"""Credit as rows: under one model, or under two side by side."""

from dataclasses import asdict

from trackflow.analytics import labels
from trackflow.analytics.credit import Earned, Key, earned, earned_under
from trackflow.analytics.periods import Period
from trackflow.analytics.side_by_side import named


def rows(model: str, by: str, period: Period, deals: str) -> list[dict]:
    """Return what ``earned`` finds, with names for it: who earned most first, then by share and name."""
    found = earned(model, by, period, deals)
    titles = _titles(found, by)
    made = [named(key, by, titles) | asdict(one) for key, one in found.items()]
    return sorted(made, key=lambda row: (-row["amount"], -row["share"], row["label"], row["link"]))


def compared(model_a: str, model_b: str, by: str, period: Period, deals: str) -> list[dict]:
    """Return a row for whatever earned under one of two models, and what B gives it more than A.

    The biggest difference comes first, whichever way it goes.
    """
    found = earned_under([model_a, model_b], by, period, deals)
    a, b = found[model_a], found[model_b]
    titles = _titles({**a, **b}, by)
    made = [
        named(key, by, titles) | _beside(a.get(key, Earned()), b.get(key, Earned())) for key in {**a, **b}
    ]
    return sorted(made, key=lambda row: (-abs(row["amount_difference"]), row["label"], row["link"]))


def _beside(a: Earned, b: Earned) -> dict:
    return {
        "deals_a": a.deals,
        "deals_b": b.deals,
        "share_a": a.share,
        "share_b": b.share,
        "share_difference": round(b.share - a.share, 6),
        "amount_a": a.amount,
        "amount_b": b.amount,
        "amount_difference": round(b.amount - a.amount, 6),
    }


def _titles(found: dict[Key, Earned], by: str) -> dict[str, str]:
    return labels.of_links(name for name, _link in found) if by == "link" else {}
