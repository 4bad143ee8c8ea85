"""What is believed of proportions after some trials: Beta posteriors, integrated numerically."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import exp, lgamma, log, sqrt

# Points on each side of a posterior's mean, how far they reach in standard deviations, and those from 0 to 1.
_POINTS, _REACH, _COARSE = 500, 10, 200


def chances_to_be_best(trials: Sequence[tuple[int, int]]) -> list[float]:
    """Return for each of several (successes, trials) the probability that its proportion is the largest.

    Each proportion is Beta(1 + successes, 1 + failures), the posterior of a uniform prior, so that
    P(i is best) = ∫ fᵢ(x) ∏ⱼ≠ᵢ Fⱼ(x) dx (A. Gelman et al., "Bayesian Data Analysis", ch. 2). The integral is the
    trapezoid rule on points that lie close where the posteriors are narrow: no chance, and exact to about
    four decimals. The probabilities sum to 1.
    """
    shapes = [(1 + successes, 1 + n - successes) for successes, n in trials]
    points = _grid(shapes)
    densities = [[_density(x, *shape) for x in points] for shape in shapes]
    below = [_cumulated(points, density) for density in densities]
    chances = [_chance(i, densities[i], below, points) for i in range(len(shapes))]
    return [chance / sum(chances) for chance in chances]


def _chance(i: int, density: list[float], below: list[list[float]], points: list[float]) -> float:
    heights = []
    for k, height in enumerate(density):
        for j, others in enumerate(below):
            height *= others[k] if j != i else 1
        heights.append(height)
    return _cumulated(points, heights, normalised=False)[-1]


def _grid(shapes: Sequence[tuple[int, int]]) -> list[float]:
    points = {k / _COARSE for k in range(_COARSE + 1)}
    for a, b in shapes:
        mean, deviation = a / (a + b), sqrt(a * b / (a + b + 1)) / (a + b)
        offsets = (_REACH * deviation * k / _POINTS for k in range(-_POINTS, _POINTS + 1))
        points |= {mean + offset for offset in offsets if 0 < mean + offset < 1}
    return sorted(points)


def _density(x: float, a: int, b: int) -> float:
    """Return the density of Beta(a, b); a and b are at least 1, so it is finite everywhere."""
    if x in (0, 1):
        # x ** 0 is 1 there, everything else 0.
        return float(b if a == 1 and x == 0 else a if b == 1 and x == 1 else 0)
    return exp(lgamma(a + b) - lgamma(a) - lgamma(b) + (a - 1) * log(x) + (b - 1) * log(1 - x))


def _cumulated(points: Sequence[float], heights: Sequence[float], *, normalised: bool = True) -> list[float]:
    """Return the integral of ``heights`` up to each of ``points``, ending at 1 if ``normalised``."""
    pairs = zip(pairwise(points), pairwise(heights), strict=True)
    areas = [(right - left) * (low + high) / 2 for (left, right), (low, high) in pairs]
    sums = list(accumulate(areas, initial=0.0))
    return [value / sums[-1] for value in sums] if normalised else sums
