"""What a campaign has cost, and how much of its budget is gone."""

NONE, WITHIN, NEARLY, USED_UP = "", "Within Budget", "80 % Used", "Used Up"
NEARLY_USED = 0.8


def state(budget: float | None, spent: float | None) -> str:
    """Return how much of ``budget`` is used, both in the same currency; empty without a budget or expenses."""
    if not budget or not spent:
        return NONE
    if spent >= budget:
        return USED_UP
    return NEARLY if spent >= NEARLY_USED * budget else WITHIN


def cost(budget: float | None, spent: float | None) -> float:
    """Return what counts as the cost of a campaign: what was spent, or the budget while nothing is known of that."""
    return spent or budget or 0
