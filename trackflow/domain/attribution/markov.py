"""Data-Driven Markov: what a channel or campaign does, measured by what is lost when it is taken away.

E. Anderl, I. Becker, F. von Wangenheim, J. H. Schumann, "Mapping the customer journey: Lessons learned from
graph-based online attribution modeling", International Journal of Research in Marketing 33 (2016) 457-474.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from trackflow.domain.attribution.samples import DIGITS, Findings, Observed, check_size
from trackflow.domain.errors import Refused

HIGHEST_ORDER = 4
# A matrix of this many rows is solved in seconds and takes 32 MB.
MOST_NODES = 2_000

# A node is what the visitor saw last: as many states as the chain's order, less at the beginning.
Node = tuple[str, ...]
START: Node = ()
WON, LOST = "won", "lost"


@dataclass
class Chain:
    """Counted transitions; ``add`` takes journeys one by one, so that they need not be kept."""

    order: int = 1
    journeys: int = 0
    conversions: int = 0
    transitions: Counter[tuple[Node, Node | str]] = field(default_factory=Counter)

    def add(self, states: Sequence[str], is_won: bool) -> None:
        """Count a journey; one without touches says nothing and is left out."""
        if not states:
            return
        self.journeys += 1
        self.conversions += is_won
        path = [START, *self._nodes(states), WON if is_won else LOST]
        self.transitions.update(pairwise(path))

    def _nodes(self, states: Sequence[str]) -> list[Node]:
        if self.order == 1:
            return list(zip(states, strict=True))
        return [tuple(states[max(end - self.order, 0) : end]) for end in range(1, len(states) + 1)]


def learn(journeys: Iterable[Observed], *, order: int = 1, minimum: int = 1) -> Findings:
    """Return the removal effect of each state over ``journeys``, each (its states in order, whether it was won).

    The journeys make an absorbing Markov chain: from ``start`` through the states to ``won`` or ``lost``, with the
    observed shares as probabilities of the transitions. In a chain of order k a node is the last k states. With Q
    for transitions between nodes, r for those to ``won`` and N = (I - Q)^-1 (J. Kemeny, J. Snell, "Finite Markov
    Chains", 1960), the chances of winning are p = N r. Taking a state away means that who gets to it is lost. The
    chance to hit its nodes G first at h is b = N[start, G] N[G, G]^-1, so the removal effect is

        (p[start] - p'[start]) / p[start] = b p[G] / p[start].

    By hand: journeys A > won, A > B > won, B > lost. start: A 2/3, B 1/3; A: won 1/2, B 1/2; B: won 1/2, lost 1/2.
    p(B) = 1/2, p(A) = 1/2 + 1/2 * 1/2 = 3/4, p(start) = 2/3 * 3/4 + 1/3 * 1/2 = 2/3. Without A 1/3 * 1/2 = 1/6 is
    left, an effect of 3/4; without B 2/3 * 1/2 = 1/3, an effect of 1/2. The shares are 3/5 and 2/5.

    Raises Refused for less than ``minimum`` journeys, none won or none lost, or too many nodes.
    """
    chain = Chain(order)
    for states, is_won in journeys:
        chain.add(states, is_won)
    return findings(chain, minimum)


def findings(chain: Chain, minimum: int = 1) -> Findings:
    """Return the removal effects of a counted chain, see ``learn``."""
    check_size(chain.journeys, chain.conversions, minimum)
    nodes = sorted({node for node, _next in chain.transitions if node != START})
    if len(nodes) > MOST_NODES:
        raise Refused("chain_nodes", nodes=len(nodes), most=MOST_NODES)
    visits, returns, chances = _solve(chain.transitions, nodes)
    total = float(visits @ chances[1])
    places: dict[str, list[int]] = {}
    for place, node in enumerate(nodes):
        for state in set(node):
            places.setdefault(state, []).append(place)
    effects = {
        state: round(_lost_without(group, visits, returns, chances[0]) / total, DIGITS)
        for state, group in sorted(places.items())
    }
    return Findings(chain.journeys, chain.conversions, effects)


def _solve(
    transitions: Counter[tuple[Node, Node | str]], nodes: list[Node]
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Return (N[start], N, (p, r)): visits from the start, visits from each node, chances to win from each."""
    place = {node: index for index, node in enumerate(nodes)}
    between, to_won, first = np.zeros((len(nodes),) * 2), np.zeros(len(nodes)), np.zeros(len(nodes))
    for (node, following), count in transitions.items():
        if node == START:
            first[place[following]] = count
        elif following == WON:
            to_won[place[node]] = count
        elif following != LOST:
            between[place[node], place[following]] = count
    leaving = between.sum(axis=1) + to_won + _lost(transitions, nodes)
    matrix = np.eye(len(nodes)) - between / leaving[:, None]
    returns = np.linalg.solve(matrix, np.eye(len(nodes)))
    won = to_won / leaving
    return (first / first.sum()) @ returns, returns, (returns @ won, won)


def _lost(transitions: Counter[tuple[Node, Node | str]], nodes: list[Node]) -> np.ndarray:
    return np.array([transitions[node, LOST] for node in nodes], dtype=float)


def _lost_without(group: list[int], visits: np.ndarray, returns: np.ndarray, chances: np.ndarray) -> float:
    """Return b p[G]: the chance to win that goes through any of the nodes in ``group``."""
    hits = np.linalg.solve(returns[np.ix_(group, group)].T, visits[group])
    return float(hits @ chances[group])
