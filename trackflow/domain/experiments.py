"""Which variant of a link wins, and how sure that is: on the share that converts and on won value per visitor.

A visitor is the unit. Each stays with one variant, so visitors are independent of each other; the clicks of
one visitor are not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from math import ceil, sqrt
from statistics import NormalDist

from trackflow.domain.posteriors import chances_to_be_best
from trackflow.domain.resampling import RESAMPLES, Random, interval, permutation_p_value, resampled_means

CONFIDENCE = 0.95
POWER = 0.8
# Successes that each variant should have by now if all were alike: below that neither the normal approximation
# of the z-test nor resampling says much (D. Moore, G. McCabe, "Introduction to the Practice of Statistics").
ENOUGH = 10


@dataclass(frozen=True)
class Arm:
    """A variant under test: its visitors, how many of them converted, and what each buyer's deals are worth."""

    name: str
    visitors: int
    converted: int = 0
    amounts: tuple[float, ...] = ()

    @property
    def rate(self) -> float:
        return self.converted / self.visitors

    @property
    def value_per_visitor(self) -> float:
        return sum(self.amounts) / self.visitors


class Verdict(str, Enum):
    """What can be said: nothing yet, a winner, a leader that may still lose, or no difference."""

    TOO_EARLY = "too_early"
    WINS = "wins"
    LEADS = "leads"
    EVEN = "even"


@dataclass(frozen=True)
class Standing:
    """One variant's ``figure`` (a share of 1, or money), its 95 % interval, the chance that it is the best.

    ``p_value`` is that of its difference to the leader, after Holm; None for the leader itself.
    """

    name: str
    figure: float
    low: float
    high: float
    chance_to_be_best: float
    p_value: float | None = None


@dataclass(frozen=True)
class Result:
    """``needed`` is the number of successes in all (TOO_EARLY) or visitors in all (LEADS) to go by, 0 if unknown."""

    verdict: Verdict
    leader: str
    sure: float
    needed: int
    standings: tuple[Standing, ...]


# ---------------------------------------------------------------- the two tests


def compare_conversions(arms: Sequence[Arm]) -> Result | None:
    """Compare the shares of visitors that converted; None with fewer than two variants that were visited.

    Chances to be the best come from Beta posteriors, p-values from the pooled two-proportion z-test of each
    variant against the leader, corrected after Holm. A winner is sure at 95 % by both measures.
    """
    arms = [arm for arm in arms if arm.visitors]
    if len(arms) < 2:
        return None
    leader = max(arms, key=lambda arm: (arm.rate, arm.visitors))
    chances = chances_to_be_best([(arm.converted, arm.visitors) for arm in arms])
    p_values = _against(leader, arms, two_proportion_p_value)
    standings = tuple(
        Standing(arm.name, arm.rate, *wilson(arm.converted, arm.visitors), chance, p_values.get(arm.name))
        for arm, chance in zip(arms, chances, strict=True)
    )
    runner_up = max((arm for arm in arms if arm is not leader), key=lambda arm: arm.rate)
    more = visitors_needed(leader.rate, runner_up.rate) * len(arms)
    return _judge(leader.name, standings, sum(arm.converted for arm in arms), arms, more)


def compare_values(arms: Sequence[Arm], random: Random) -> Result | None:
    """Compare the won value per visitor, those who bought nothing included; None as above.

    Money is skewed: a few large deals make the mean, and a t-test takes them for normal. So the p-values come
    from a permutation test, which holds whatever the deals look like; interval and chance to be the best come
    from the bootstrap, the chance being the share of resamples in which the variant is the best. ``random``
    decides them: the same seed, the same answer, to within 1 percentage point of another seed's. No sample
    knows deals larger than any so far, so with few of them the intervals are rather too narrow: with lognormal
    deals (σ = 1) those of 95 % hold in 85 % of cases with 12 deals, in 89 % with 30, in 92 % with 100.
    """
    arms = [arm for arm in arms if arm.visitors]
    if len(arms) < 2:
        return None
    leader = max(arms, key=lambda arm: (arm.value_per_visitor, arm.visitors))
    samples = [resampled_means(arm.amounts, arm.visitors, random) for arm in arms]
    p_values = _against(
        leader,
        arms,
        lambda a, b: permutation_p_value((a.amounts, a.visitors), (b.amounts, b.visitors), random),
    )
    standings = tuple(
        Standing(
            arm.name, arm.value_per_visitor, *interval(means, CONFIDENCE), chance, p_values.get(arm.name)
        )
        for arm, means, chance in zip(arms, samples, _shares_of_best(samples), strict=True)
    )
    return _judge(leader.name, standings, sum(len(arm.amounts) for arm in arms), arms, 0)


def _shares_of_best(samples: Sequence[Sequence[float]]) -> list[float]:
    """Return how often each sample is the largest; those that are alike share."""
    shares = [0.0] * len(samples)
    for means in zip(*samples, strict=True):
        best = [i for i, mean in enumerate(means) if mean == max(means)]
        for i in best:
            shares[i] += 1 / len(best)
    return [share / RESAMPLES for share in shares]


def _judge(
    leader: str, standings: tuple[Standing, ...], successes: int, arms: list[Arm], more: int
) -> Result:
    sure = next(standing.chance_to_be_best for standing in standings if standing.name == leader)
    visitors = [arm.visitors for arm in arms]
    enough = ceil(ENOUGH * sum(visitors) / min(visitors))
    if successes < enough:
        return Result(Verdict.TOO_EARLY, leader, sure, enough, standings)
    if len({standing.figure for standing in standings}) == 1:
        return Result(Verdict.EVEN, leader, sure, 0, standings)
    is_clear = all(s.p_value < 1 - CONFIDENCE for s in standings if s.p_value is not None)
    if is_clear and sure >= CONFIDENCE:
        return Result(Verdict.WINS, leader, sure, 0, standings)
    return Result(Verdict.LEADS, leader, sure, more if more > sum(visitors) else 0, standings)


# ---------------------------------------------------------------- proportions


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % score interval of a proportion (E. B. Wilson, 1927).

    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n). It holds for small samples and never leaves 0 to 1.
    """
    z, p = NormalDist().inv_cdf((1 + CONFIDENCE) / 2), successes / trials
    middle = p + z * z / (2 * trials)
    half = z * sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    # At the ends the interval touches 0 and 1 exactly, but for what floats make of it.
    low = 0.0 if successes == 0 else (middle - half) / scale
    return low, 1.0 if successes == trials else (middle + half) / scale


def two_proportion_p_value(a: Arm, b: Arm) -> float:
    """Return the two-sided p-value of the pooled z-test that both variants convert alike.

    z = (p₁ - p₂) / √(p(1-p)(1/n₁ + 1/n₂)) with p of both together (J. Fleiss, "Statistical Methods for Rates
    and Proportions", ch. 3); its square is Pearson's chi-square of the 2 x 2 table without correction.
    """
    pooled = (a.converted + b.converted) / (a.visitors + b.visitors)
    variance = pooled * (1 - pooled) * (1 / a.visitors + 1 / b.visitors)
    if not variance:
        return 1.0
    return 2 * NormalDist().cdf(-abs(a.rate - b.rate) / sqrt(variance))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return ``p_values`` adjusted for having made several tests (S. Holm, 1979, step-down), in their order.

    The smallest is multiplied by m, the next by m - 1 and so on; none becomes smaller than one before it.
    """
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted


def visitors_needed(p1: float, p2: float) -> int:
    """Return how many visitors each variant needs to tell two shares apart, 0 if they are the same.

    At 5 % (two-sided) with a power of 80 %: n = (z_α √(2 p̄ q̄) + z_β √(p₁q₁ + p₂q₂))² / (p₁ - p₂)², p̄ being
    the mean of both (Fleiss, ch. 4, without continuity correction).
    """
    if p1 == p2:
        return 0
    alpha, beta = NormalDist().inv_cdf((1 + CONFIDENCE) / 2), NormalDist().inv_cdf(POWER)
    mean = (p1 + p2) / 2
    root = alpha * sqrt(2 * mean * (1 - mean)) + beta * sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    return ceil((root / (p1 - p2)) ** 2)


def _against(leader: Arm, arms: Sequence[Arm], test: Callable[[Arm, Arm], float]) -> dict[str, float]:
    others = [arm for arm in arms if arm is not leader]
    return dict(zip((arm.name for arm in others), holm([test(leader, arm) for arm in others]), strict=True))
