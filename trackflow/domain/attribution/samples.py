"""What data-driven models learn from, and what they found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from trackflow.domain.errors import Refused

# Digits after the point that are kept: the rest is noise of floating-point arithmetic.
DIGITS = 12

# The states of a journey in their order, and whether it led to a deal.
Observed = tuple[Sequence[str], bool]


@dataclass(frozen=True)
class Findings:
    """journeys: how many were looked at, of which conversions led to a deal. effects: what each state does in
    the model's own measure. error_bound: with 95 % certainty none of them is further off, 0 where they are exact.
    """

    journeys: int
    conversions: int
    effects: Mapping[str, float] = field(default_factory=dict)
    error_bound: float = 0.0

    @property
    def shares(self) -> dict[str, float]:
        """Return what each state's credit is relative to the others', summing to 1; who does harm gets none."""
        positive = {state: max(effect, 0.0) for state, effect in self.effects.items()}
        total = sum(positive.values())
        return {state: round(effect / total, DIGITS) if total else 0.0 for state, effect in positive.items()}


def check_size(journeys: int, conversions: int, minimum: int) -> None:
    """Raise Refused if there is too little to learn from."""
    if journeys < max(minimum, 1):
        raise Refused("journeys_few", journeys=journeys, minimum=max(minimum, 1))
    if conversions == 0:
        raise Refused("journeys_none_won", journeys=journeys)
    if conversions == journeys:
        raise Refused("journeys_none_lost", journeys=journeys)
