"""Attribution models: how the credit for an outcome is shared among the touches that led to it.

Weights are exact fractions that sum to 1; money is split so that the parts sum to the whole.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from trackflow.domain.errors import Refused
from trackflow.domain.touchpoints import Touch

SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class Model:
    """half_life_days for Time Decay; first_weight and last_weight (percent) for Position Based."""

    model_type: str
    half_life_days: int = 7
    first_weight: Fraction = Fraction(40)
    last_weight: Fraction = Fraction(40)


Rule = Callable[[Model, Sequence[Touch], datetime], list[Fraction]]


def weights(model: Model, touches: Sequence[Touch], at: datetime) -> list[Fraction]:
    """Return the weight of each of ``touches`` (oldest first) for an outcome at ``at``; they sum to 1.

    Direct touches weigh nothing unless all touches are direct. No touches, no weights.
    Raises Refused for a model type that is not known.
    """
    if model.model_type not in RULES:
        raise Refused("model_type", model_type=model.model_type)
    eligible = [touch for touch in touches if not touch.is_direct] or list(touches)
    if not eligible:
        return []
    shares = iter(RULES[model.model_type](model, eligible, at))
    chosen = {touch.name for touch in eligible}
    return [next(shares) if touch.name in chosen else Fraction(0) for touch in touches]


def _first_touch(model: Model, touches: Sequence[Touch], at: datetime) -> list[Fraction]:
    return _normalised([1] + [0] * (len(touches) - 1))


def _last_touch(model: Model, touches: Sequence[Touch], at: datetime) -> list[Fraction]:
    return _normalised([0] * (len(touches) - 1) + [1])


def _linear(model: Model, touches: Sequence[Touch], at: datetime) -> list[Fraction]:
    return _normalised([1] * len(touches))


def _time_decay(model: Model, touches: Sequence[Touch], at: datetime) -> list[Fraction]:
    """2 ** (-age / half-life), the age measured from the outcome.

    Ages count from the youngest touch: that shifts all weights by the same factor, which normalising takes
    out again, and keeps very old touches from vanishing in the smallness of floats.
    """
    half_life = max(model.half_life_days, 1) * SECONDS_PER_DAY
    ages = [(touches[-1].at - touch.at).total_seconds() for touch in touches]
    return _normalised([Fraction(2 ** (-age / half_life)) for age in ages])


def _position_based(model: Model, touches: Sequence[Touch], at: datetime) -> list[Fraction]:
    """First and last get their weights, those between share the rest; two touches share by the ends alone."""
    first, last = model.first_weight, model.last_weight
    between = len(touches) - 2
    if between < 1:
        return _normalised([first, last][: len(touches)])
    rest = max(Fraction(100) - first - last, Fraction(0)) / between
    return _normalised([first] + [rest] * between + [last])


def _normalised(parts: Sequence[int | Fraction]) -> list[Fraction]:
    total = sum(parts)
    if not total:
        return [Fraction(1, len(parts))] * len(parts)
    return [Fraction(part) / total for part in parts]


RULES: dict[str, Rule] = {
    "First Touch": _first_touch,
    "Last Touch": _last_touch,
    # Direct touches are left out of every model where others exist, so the last one left is non-direct.
    "Last Non-Direct": _last_touch,
    "Linear": _linear,
    "Time Decay": _time_decay,
    "Position Based": _position_based,
}


def split(value: Decimal, shares: Sequence[Fraction], precision: int) -> list[Decimal]:
    """Return ``value`` split by ``shares`` (which sum to 1) into amounts of ``precision`` decimals.

    Largest remainder method (Hamilton's apportionment): everybody gets the amount rounded down, and what is
    left goes in smallest units to the largest remainders, the earlier one first. The amounts sum to
    ``value`` rounded to ``precision``.
    """
    if not shares:
        return []
    unit = Decimal(1).scaleb(-precision)
    units = int(value.quantize(unit).scaleb(precision))
    exact = [share * units for share in shares]
    floors = [part.__floor__() for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (floors[i] - exact[i], i))
    for i in by_remainder[: units - sum(floors)]:
        floors[i] += 1
    return [Decimal(part).scaleb(-precision) for part in floors]
