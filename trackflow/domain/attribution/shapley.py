"""Data-Driven Shapley: what a channel or campaign adds to those that a journey has already, on average over all
orders in which they could have come.

L. S. Shapley, "A Value for n-Person Games" (1953); for attribution: K. Zhao, S. H. Mahboobi, S. R. Bagheri,
"Shapley Value Methods for Attribution Modeling in Online Advertising" (2018), arXiv:1804.05327.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import factorial, log, sqrt
from typing import NamedTuple, Protocol

import numpy as np

from trackflow.domain.attribution.samples import DIGITS, Findings, Observed, check_size

MOST_EXACT_PLAYERS = 12
ORDERS = 2_000
CERTAINTY = 0.95


class Random(Protocol):
    """What is asked of chance, which comes from outside: random.Random with a seed answers the same each time."""

    def shuffle(self, x: list[int]) -> None: ...


class Coalition(NamedTuple):
    """The states of a journey as a set, how many journeys had just these, and how many of them were won."""

    players: tuple[int, ...]
    journeys: int
    conversions: int


def learn(
    journeys: Iterable[Observed], random: Random, *, minimum: int = 1, orders: int = ORDERS
) -> Findings:
    """Return the Shapley value of each state over ``journeys``, each (its states, whether it was won).

    The players are the states. A coalition S is worth the share of journeys that were won among those whose
    states all belong to S: v(S) = won(T within S) / journeys(T within S), and 0 where there is none. Then

        value(i) = sum over S without i of |S|! (n - |S| - 1)! / n! * (v(S with i) - v(S)),

    which for up to ``MOST_EXACT_PLAYERS`` players is worked out as it stands. For more it is the mean over
    ``orders`` random orders (J. Castro, D. Gómez, J. Tejada, "Polynomial calculation of the Shapley value based
    on sampling", 2009), with an error bound. The values sum to v(all), the share of journeys won. A state that
    makes journeys fail has a negative value.

    By hand: 1 of 2 journeys with A alone won, 0 of 2 with B alone, 4 of 4 with both. v(A) = 1/2, v(B) = 0,
    v(A, B) = 5/8. A: 1/2 (1/2 - 0) + 1/2 (5/8 - 0) = 9/16; B: 1/2 (0 - 0) + 1/2 (5/8 - 1/2) = 1/16.

    Raises Refused for less than ``minimum`` journeys, none won or none lost.
    """
    seen, won = Counter(), Counter()
    for states, is_won in journeys:
        if players := frozenset(states):
            seen[players] += 1
            won[players] += is_won
    check_size(seen.total(), won.total(), minimum)
    names = sorted(frozenset().union(*seen))
    number = {name: index for index, name in enumerate(names)}
    coalitions = sorted(
        Coalition(tuple(sorted(number[name] for name in players)), count, won[players])
        for players, count in seen.items()
    )
    if len(names) <= MOST_EXACT_PLAYERS:
        values, bound = exact_values(worths(coalitions, len(names))), 0.0
    else:
        values, bound = sampled_values(coalitions, len(names), random, orders)
    effects = {name: round(float(value), DIGITS) for name, value in zip(names, values, strict=True)}
    return Findings(seen.total(), won.total(), effects, bound)


def worths(coalitions: Sequence[Coalition], players: int) -> np.ndarray:
    """Return v(S) for each S: the bits of its index say who belongs to it."""
    journeys, won = np.zeros(1 << players), np.zeros(1 << players)
    for coalition in coalitions:
        mask = sum(1 << player for player in coalition.players)
        journeys[mask], won[mask] = coalition.journeys, coalition.conversions
    subsets = np.arange(1 << players)
    for player in range(players):
        # Sums over subsets, one player after the other: each set with the player takes in the one without.
        larger = subsets[subsets >> player & 1 == 1]
        journeys[larger] += journeys[larger ^ (1 << player)]
        won[larger] += won[larger ^ (1 << player)]
    return np.divide(won, journeys, out=np.zeros(1 << players), where=journeys > 0)


def exact_values(worth: np.ndarray) -> np.ndarray:
    """Return the Shapley values of the game in which the coalition with the bits of i is worth ``worth[i]``."""
    players = len(worth).bit_length() - 1
    subsets = np.arange(len(worth))
    sizes = sum((subsets >> player & 1 for player in range(players)), np.zeros(len(worth), dtype=int))
    shares = np.array(
        [factorial(size) * factorial(players - size - 1) / factorial(players) for size in range(players)]
    )
    values = np.zeros(players)
    for player in range(players):
        without = subsets[subsets >> player & 1 == 0]
        gains = worth[without | 1 << player] - worth[without]
        values[player] = shares[sizes[without]] @ gains
    return values


def sampled_values(
    coalitions: Sequence[Coalition], players: int, random: Random, orders: int
) -> tuple[np.ndarray, float]:
    """Return (values, error bound) from ``orders`` random orders of the players."""
    members = np.concatenate([coalition.players for coalition in coalitions])
    begins = np.cumsum([0, *(len(coalition.players) for coalition in coalitions[:-1])])
    counts = np.array([(coalition.journeys, coalition.conversions) for coalition in coalitions], dtype=float)
    order, places = list(range(players)), np.zeros(players, dtype=int)
    sums, squares = np.zeros(players), np.zeros(players)
    for _ in range(orders):
        random.shuffle(order)
        places[order] = np.arange(players)
        # A journey counts from the moment on at which the last of its states has come.
        complete = np.maximum.reduceat(places[members], begins)
        gains = _gains(complete, counts, players)[places]
        sums += gains
        squares += gains * gains
    means = sums / orders
    deviations = np.maximum(squares / orders - means * means, 0) * orders / max(orders - 1, 1)
    return means, _error_bound(float(deviations.max()), players, orders)


def _gains(complete: np.ndarray, counts: np.ndarray, players: int) -> np.ndarray:
    """Return by how much each of the players, in their order, raises the worth of those before."""
    journeys = np.cumsum(np.bincount(complete, counts[:, 0], players))
    won = np.cumsum(np.bincount(complete, counts[:, 1], players))
    return np.diff(np.divide(won, journeys, out=np.zeros(players), where=journeys > 0), prepend=0.0)


def _error_bound(variance: float, players: int, orders: int) -> float:
    """Return how far off any of the means may be, with ``CERTAINTY``.

    Empirical Bernstein bound for gains between -1 and 1, shared among the players: A. Maurer, M. Pontil, "Empirical
    Bernstein Bounds and Sample Variance Penalization" (2009), theorem 4, for both sides.
    """
    doubt = log(4 * players / (1 - CERTAINTY))
    return sqrt(2 * variance * doubt / orders) + 2 * 7 * doubt / (3 * max(orders - 1, 1))
