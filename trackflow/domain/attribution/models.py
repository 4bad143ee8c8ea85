"""What a model is given: its parameters, and when a deal reached its milestones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from trackflow.domain.attribution.channels import Grouping
from trackflow.domain.touchpoints import Touch

CHANNEL, CAMPAIGN = "Channel", "Campaign"
# Weights of own rules are whole numbers of this part, so that sums of them are exact and quick.
ONE = 1_000_000
STATES = (CHANNEL, CAMPAIGN)
NO_CAMPAIGN = "(none)"
DATA_DRIVEN = ("Data-Driven Markov", "Data-Driven Shapley")
# Percent of first touch, lead created, deal created and deal won; what remains is for the touches between.
USUAL_MILESTONE_WEIGHTS = {
    "W-Shaped": (Fraction(30), Fraction(30), Fraction(30), Fraction(0)),
    "Full Path": (Fraction("22.5"), Fraction("22.5"), Fraction("22.5"), Fraction("22.5")),
}


@dataclass(frozen=True)
class Milestones:
    """When lead and deal were created and the deal was won, in naive site time; None for what never was."""

    lead_created: datetime | None = None
    deal_created: datetime | None = None
    won: datetime | None = None


@dataclass(frozen=True)
class Custom:
    """Relative weights of the touches that no rule takes, and factors for the two ends, in millionths.

    channels: weights by channel of the usual grouping. otherwise: that of all other channels.
    """

    channels: Mapping[str, int] = field(default_factory=dict, hash=False)
    otherwise: int = ONE
    first: int = ONE
    last: int = ONE


@dataclass(frozen=True)
class Model:
    """half_life_days for Time Decay; first_weight and last_weight (percent) for Position Based;
    milestone_weights (percent) for W-Shaped and Full Path, () for the usual ones. grouping: into channels; the
    weights of its rules and ``custom`` are for Custom. states: what data-driven models give credit to, one of
    ``STATES``. effects: what each state was found to do, relative to the others.
    """

    model_type: str
    half_life_days: int = 7
    first_weight: Fraction = Fraction(40)
    last_weight: Fraction = Fraction(40)
    milestone_weights: tuple[Fraction, ...] = ()
    grouping: Grouping = field(default_factory=Grouping)
    custom: Custom = field(default_factory=Custom)
    states: str = CHANNEL
    effects: Mapping[str, Fraction] = field(default_factory=dict, hash=False)

    def state_of(self, touch: Touch) -> str:
        """Return the state of ``touch`` in the eyes of a data-driven model."""
        if self.states == CAMPAIGN:
            return touch.campaign or NO_CAMPAIGN
        return self.grouping.channel_of(touch)
