"""Means of money per visitor, where most visitors bring nothing and a few bring much: resampled, not assumed."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from math import sqrt
from statistics import NormalDist
from typing import Protocol

RESAMPLES = 2000
# The sum of more amounts than this is as good as normally distributed, and drawing each would take too long.
MANY_AMOUNTS = 500
# Cumulative probabilities of Poisson(1) for 0, 1, 2, ...; beyond 11 there is less than one in 10 ** 9.
_POISSON = (
    0.36787944, 0.73575888, 0.91969860, 0.98101184, 0.99634015, 0.99940582,
    0.99991676, 0.99998975, 0.99999887, 0.99999989, 0.99999999, 1.0,
)  # fmt: skip

Amounts = Sequence[float]


class Random(Protocol):
    """What is asked of chance, which comes from outside: random.Random with a seed answers the same each time."""

    def gauss(self, mu: float, sigma: float) -> float: ...

    def choices(self, population: Sequence[int], *, cum_weights: Sequence[float], k: int) -> list[int]: ...

    def sample(self, population: Sequence[int], k: int) -> list[int]: ...


def resampled_means(amounts: Amounts, visitors: int, random: Random) -> list[float]:
    """Return RESAMPLES means of ``amounts`` per visitor, as other samples of the same kind might have had them.

    Poisson bootstrap (J. Hanley, B. MacGibbon, 2006; N. Chamandy et al., 2012): every visitor counts Poisson(1)
    times. The many who brought nothing then only change the number of visitors, which is Poisson(n) and so
    nearly normal: a resample costs as much as there are amounts.
    """
    idle = visitors - len(amounts)
    draw = _normal_total if len(amounts) > MANY_AMOUNTS else _poisson_total
    totals = draw(amounts, random)
    return [total / max(counted + random.gauss(idle, sqrt(idle)), 1) for total, counted in totals]


def _poisson_total(amounts: Amounts, random: Random) -> Iterator[tuple[float, int]]:
    for _ in range(RESAMPLES):
        times = random.choices(range(len(_POISSON)), cum_weights=_POISSON, k=len(amounts))
        yield sum(n * amount for n, amount in zip(times, amounts, strict=True)), sum(times)


def _normal_total(amounts: Amounts, random: Random) -> Iterator[tuple[float, int]]:
    total, deviation = sum(amounts), sqrt(_sum_of_squares(amounts))
    for _ in range(RESAMPLES):
        yield random.gauss(total, deviation), len(amounts)


def interval(samples: Sequence[float], confidence: float) -> tuple[float, float]:
    """Return the percentiles of ``samples`` between which ``confidence`` of them lie."""
    tail = round(len(samples) * (1 - confidence) / 2)
    ordered = sorted(samples)
    return ordered[tail], ordered[-1 - tail]


def permutation_p_value(a: tuple[Amounts, int], b: tuple[Amounts, int], random: Random) -> float:
    """Return the two-sided p-value that two groups, (amounts, visitors), bring the same per visitor.

    Permutation test (R. A. Fisher; B. Phipson, G. Smyth, 2010, for the +1): if the groups make no difference,
    everybody with an amount might as well have been in the other one. Exact whatever the amounts look like, but
    for the RESAMPLES that stand for all permutations. With many amounts Welch's test says the same faster.
    """
    (amounts_a, visitors_a), (amounts_b, visitors_b) = a, b
    seen = abs(sum(amounts_a) / visitors_a - sum(amounts_b) / visitors_b)
    pool = [*amounts_a, *amounts_b]
    if len(pool) > MANY_AMOUNTS:
        return 2 * NormalDist().cdf(-seen / sqrt(_variance_of_mean(*a) + _variance_of_mean(*b)))
    shuffled = _differences(pool, visitors_a, visitors_b, random)
    # Sums of the same amounts in another order may differ in the last digit.
    as_large = sum(difference >= seen * (1 - 1e-9) for difference in shuffled)
    return (as_large + 1) / (RESAMPLES + 1)


def _differences(pool: Amounts, visitors_a: int, visitors_b: int, random: Random) -> Iterator[float]:
    total = sum(pool)
    for everybody in repeat(range(visitors_a + visitors_b), RESAMPLES):
        places = random.sample(everybody, len(pool))
        in_a = sum(amount for amount, place in zip(pool, places, strict=True) if place < visitors_a)
        yield abs(in_a / visitors_a - (total - in_a) / visitors_b)


def _variance_of_mean(amounts: Amounts, visitors: int) -> float:
    mean = sum(amounts) / visitors
    return (_sum_of_squares(amounts) / visitors - mean * mean) / visitors


def _sum_of_squares(amounts: Amounts) -> float:
    return sum(amount * amount for amount in amounts)
