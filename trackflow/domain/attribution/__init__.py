"""Attribution models: how the credit for an outcome is shared among the touches that led to it.

``rules``: the weights of touches under each model. ``channels``: what kind of marketing a touch was. ``custom``: own
rules. ``markov`` and ``shapley``: what channels or campaigns do, found in journeys that led to a deal and
journeys that did not. ``split``: money to the last unit.
"""

from trackflow.domain.attribution.models import DATA_DRIVEN, Milestones, Model
from trackflow.domain.attribution.rules import RULES, eligible, weights
from trackflow.domain.attribution.split import split

__all__ = ["DATA_DRIVEN", "RULES", "Milestones", "Model", "eligible", "split", "weights"]
