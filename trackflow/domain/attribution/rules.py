"""How the credit for an outcome is shared among the touches that led to it.

Weights are exact fractions that sum to 1. Which touches there are decides ``touchpoints.journey``.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from trackflow.domain.attribution.channels import usual_channel
from trackflow.domain.attribution.models import ONE, USUAL_MILESTONE_WEIGHTS, Milestones, Model
from trackflow.domain.errors import Refused
from trackflow.domain.touchpoints import Touch

SECONDS_PER_DAY = 86_400
NONE_REACHED = Milestones()
# Time Decay counts in this part of the youngest touch's weight: all that a float can tell.
DECAY_UNIT = 1 << 52
_NOTHING = Fraction(0)

Shares = Sequence[Fraction]
Rule = Callable[[Model, Sequence[Touch], Milestones], Shares]


def weights(
    model: Model, touches: Sequence[Touch], at: datetime, milestones: Milestones = NONE_REACHED
) -> list[Fraction]:
    """Return the weight of each of ``touches`` (oldest first, none after ``at``) for an outcome at ``at``.

    They sum to 1. Direct touches weigh nothing unless all touches are direct. No touches, no weights.
    Raises Refused for a model type that is not known.
    """
    rule = RULES.get(model.model_type)
    if not rule:
        raise Refused("model_type", model_type=model.model_type)
    places = [place for place, touch in enumerate(touches) if not touch.is_direct]
    if len(places) in (0, len(touches)):
        return list(_shares(rule, model, touches, milestones)) if touches else []
    shares = _shares(rule, model, [touches[place] for place in places], milestones)
    spread = [_NOTHING] * len(touches)
    for place, share in zip(places, shares, strict=True):
        spread[place] = share
    return spread


def _shares(rule: Rule, model: Model, touches: Sequence[Touch], milestones: Milestones) -> Shares:
    """Return the shares by ``rule``, each times the factor of its touch, normalised: w(i) f(i) / sum of w(j) f(j).

    So a touch of factor 1/2 earns half of what a full touch in its place would earn beside the others, and where
    one touch takes all, it still does.
    """
    shares = rule(model, touches, milestones)
    if all(touch.factor == 1 for touch in touches):
        return shares
    return _normalised(
        [share * Fraction(str(touch.factor)) for share, touch in zip(shares, touches, strict=True)]
    )


def eligible(touches: Sequence[Touch]) -> list[Touch]:
    """Return the touches that can earn anything: all but direct ones, or all if there are no others."""
    return [touch for touch in touches if not touch.is_direct] or list(touches)


def _first_touch(model: Model, touches: Sequence[Touch], milestones: Milestones) -> Shares:
    return _by_ends(Fraction(100), _NOTHING, len(touches)) if len(touches) > 1 else _equal(1)


def _last_touch(model: Model, touches: Sequence[Touch], milestones: Milestones) -> Shares:
    return _by_ends(_NOTHING, Fraction(100), len(touches)) if len(touches) > 1 else _equal(1)


def _linear(model: Model, touches: Sequence[Touch], milestones: Milestones) -> Shares:
    return _equal(len(touches))


@lru_cache(maxsize=1024)
def _equal(count: int) -> Shares:
    return (Fraction(1, count),) * count


def _time_decay(model: Model, touches: Sequence[Touch], milestones: Milestones) -> Shares:
    """2 ** (-age / half-life), the age measured from the outcome.

    Ages count from the youngest touch: that shifts all weights by the same factor, which normalising takes
    out again, and keeps very old touches from vanishing in the smallness of floats.
    """
    half_life = max(model.half_life_days, 1) * SECONDS_PER_DAY
    youngest = touches[-1].at
    return _normalised(
        [int(0.5 ** ((youngest - touch.at).total_seconds() / half_life) * DECAY_UNIT) for touch in touches]
    )


def _position_based(model: Model, touches: Sequence[Touch], milestones: Milestones) -> Shares:
    """First and last get their weights, those between share the rest; two touches share by the ends alone."""
    return _by_ends(model.first_weight, model.last_weight, len(touches))


@lru_cache(maxsize=4096)
def _by_ends(first: Fraction, last: Fraction, count: int) -> Shares:
    between = count - 2
    if between < 1:
        return _normalised([first, last][:count])
    rest = max(Fraction(100) - first - last, _NOTHING) / between
    return _normalised([first] + [rest] * between + [last])


def _milestone_based(model: Model, touches: Sequence[Touch], milestones: Milestones) -> Shares:
    """The touches that led to a milestone get its weight, all others share the rest.

    W-Shaped: first touch 30, lead created 30, deal created 30, the rest 10. Full Path: first touch, lead created,
    deal created and deal won 22.5 each, the rest 10 (HubSpot, "Understand attribution reporting",
    https://knowledge.hubspot.com/reports/understand-attribution-reporting; Bizible/Marketo Measure use the same).

    The touch of a milestone is the last one up to it. A touch that led to several gets the weights of all. A
    milestone that was never reached, or before which there was no touch, leaves its weight to the others, in
    proportion to theirs. Without other touches the milestones share everything.
    """
    moments = (milestones.lead_created, milestones.deal_created, milestones.won)
    places = (0, *(_last_before(touches, moment) for moment in moments))
    return _by_milestones(
        model.milestone_weights or USUAL_MILESTONE_WEIGHTS[model.model_type], places, len(touches)
    )


def _last_before(touches: Sequence[Touch], moment: datetime | None) -> int:
    """Return the place of the last touch up to ``moment``, -1 if there is none."""
    return -1 if moment is None else bisect_right(touches, moment, key=lambda touch: touch.at) - 1


@lru_cache(maxsize=16_384)
def _by_milestones(granted: tuple[Fraction, ...], places: tuple[int, ...], count: int) -> Shares:
    reached = [
        (weight, place) for weight, place in zip(granted, places, strict=True) if weight and place >= 0
    ]
    if not reached:
        return _equal(count)
    factor = sum(granted) / sum(weight for weight, _place in reached)
    others = count - len({place for _weight, place in reached})
    rest = max(Fraction(100) - sum(granted), _NOTHING) / max(others, 1)
    parts = [rest] * count
    for _weight, place in reached:
        parts[place] = _NOTHING
    for weight, place in reached:
        parts[place] += weight * factor
    return _normalised(parts)


def _custom(model: Model, touches: Sequence[Touch], milestones: Milestones) -> Shares:
    """Each touch weighs what its channel rule says, else what its channel has in the custom rules, else
    ``otherwise``; the first and the last touch that times their factors. If nothing weighs anything, all weigh
    the same.
    """
    custom = model.custom
    parts = [_custom_weight(model, touch) * ONE * ONE for touch in touches]
    parts[0] = parts[0] // ONE * custom.first
    parts[-1] = parts[-1] // ONE * custom.last
    return _normalised(parts)


def _custom_weight(model: Model, touch: Touch) -> int:
    rule = model.grouping.rule_of(touch)
    if rule:
        return rule.weight
    own = model.custom.channels
    return own.get(usual_channel(touch), model.custom.otherwise) if own else model.custom.otherwise


def _by_effects(model: Model, touches: Sequence[Touch], milestones: Milestones) -> Shares:
    """The states of the journey share by their effects, and the touches of a state share equally.

    w(touch) = effect(state) / (sum of the effects of this journey's states) / (touches of that state in this
    journey). A state that was not seen when effects were worked out has none. Where no state of the journey has
    an effect, all touches weigh the same.
    """
    states = [model.state_of(touch) for touch in touches]
    counts = Counter(states)
    return _normalised([model.effects.get(state, _NOTHING) / counts[state] for state in states])


def _normalised(parts: Sequence[int] | Sequence[Fraction]) -> Shares:
    total = sum(parts)
    return [Fraction(part, total) for part in parts] if total else _equal(len(parts))


RULES: dict[str, Rule] = {
    "First Touch": _first_touch,
    "Last Touch": _last_touch,
    # Direct touches are left out of every model where others exist, so the last one left is non-direct.
    "Last Non-Direct": _last_touch,
    "Linear": _linear,
    "Time Decay": _time_decay,
    "Position Based": _position_based,
    "W-Shaped": _milestone_based,
    "Full Path": _milestone_based,
    "Custom": _custom,
    "Data-Driven Markov": _by_effects,
    "Data-Driven Shapley": _by_effects,
}
