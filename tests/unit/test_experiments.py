"""The variant test: figures of textbooks, and what must hold for all numbers."""

from __future__ import annotations

from math import exp, isclose, lgamma, log, sqrt
from random import Random
from statistics import NormalDist, fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain import experiments
from trackflow.domain.experiments import Arm, Verdict, compare_conversions, compare_values
from trackflow.domain.posteriors import chances_to_be_best
from trackflow.domain.resampling import RESAMPLES, interval, permutation_p_value, resampled_means

COUNTS = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
MONEY = st.lists(st.floats(0.01, 1e6), max_size=12).map(tuple)


def arm(name, converted, visitors, amounts=()):
    return Arm(name, visitors, converted, tuple(amounts))


def lognormal(count, seed, mean=7.0):
    random = Random(seed)
    return tuple(random.lognormvariate(mean, 1) for _ in range(count))


# ---------------------------------------------------------------- proportions


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # R. Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_those_of_newcombes_table(successes, trials, low, high):
    assert experiments.wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


@given(COUNTS)
def test_an_interval_holds_the_share_and_stays_between_none_and_all(counts):
    successes, trials = counts
    low, high = experiments.wilson(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1


def test_the_z_test_is_the_chi_square_test_of_a_textbook():
    # Pearson's chi-square of [[60, 40], [45, 55]] is 4.511; with one degree of freedom p is 0.0337.
    p_value = experiments.two_proportion_p_value(arm("A", 60, 100), arm("B", 45, 100))
    assert p_value == pytest.approx(0.0337, abs=5e-5)
    assert NormalDist().inv_cdf(1 - p_value / 2) ** 2 == pytest.approx(4.5113, abs=1e-4)


@given(COUNTS, COUNTS)
def test_the_z_test_does_not_care_which_variant_comes_first(one, other):
    a, b = arm("A", *one), arm("B", *other)
    p_value = experiments.two_proportion_p_value(a, b)
    assert 0 <= p_value <= 1
    assert p_value == experiments.two_proportion_p_value(b, a)


def test_holm_corrects_as_r_does():
    # p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    assert experiments.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_never_lowers_a_p_value_or_changes_their_order(p_values):
    adjusted = experiments.holm(p_values)
    assert all(p <= q <= 1 for p, q in zip(p_values, adjusted, strict=True))
    ranked = sorted(range(len(p_values)), key=p_values.__getitem__)
    assert [adjusted[i] for i in ranked] == sorted(adjusted)


def test_visitors_needed_are_those_of_fleiss():
    # To tell 60 % from 70 % at 5 % with a power of 80 %.
    assert experiments.visitors_needed(0.6, 0.7) == 356
    assert experiments.visitors_needed(0.3, 0.3) == 0


# ---------------------------------------------------------------- chance to be the best


def exact_chance(a, b):
    """P(b > a) for Beta posteriors, in closed form (E. Miller, "Formulas for Bayesian A/B Testing")."""
    (x, n), (y, m) = a, b
    alpha, beta, gamma, delta = 1 + x, 1 + n - x, 1 + y, 1 + m - y

    def log_beta(p, q):
        return lgamma(p) + lgamma(q) - lgamma(p + q)

    return sum(
        exp(
            log_beta(alpha + i, beta + delta)
            - log(delta + i)
            - log_beta(1 + i, delta)
            - log_beta(alpha, beta)
        )
        for i in range(gamma)
    )


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((20, 200), (35, 210)),
        ((0, 3), (1, 2)),
        ((3, 10), (30_000, 100_000)),
        ((5, 1_000_000), (9, 1_000_000)),
        ((0, 5), (0, 500)),
        ((500, 500), (499, 500)),
    ],
)
def test_chances_of_two_are_those_of_the_closed_form(a, b):
    assert chances_to_be_best([a, b])[1] == pytest.approx(exact_chance(a, b), abs=1e-4)


def test_chances_of_three_are_those_of_a_simulation():
    trials, random = [(20, 200), (35, 210), (30, 190)], Random(3)
    wins = [0, 0, 0]
    for _ in range(40_000):
        draws = [random.betavariate(1 + x, 1 + n - x) for x, n in trials]
        wins[draws.index(max(draws))] += 1
    assert chances_to_be_best(trials) == pytest.approx([count / 40_000 for count in wins], abs=0.01)


@given(st.lists(COUNTS, min_size=2, max_size=4))
def test_chances_sum_to_one_and_follow_the_order_of_the_variants(trials):
    chances = chances_to_be_best(trials)
    assert isclose(sum(chances), 1)
    assert chances_to_be_best(trials[::-1])[::-1] == pytest.approx(chances, abs=1e-6)


def test_variants_that_are_alike_have_the_same_chances():
    assert chances_to_be_best([(7, 90)] * 4) == pytest.approx([0.25] * 4)


# ---------------------------------------------------------------- money


def test_resampled_means_scatter_as_the_standard_error_says():
    amounts, visitors = lognormal(200, 1), 4000
    means = resampled_means(amounts, visitors, Random(1))
    mean = sum(amounts) / visitors
    variance = (sum(a * a for a in amounts) / visitors - mean**2) / visitors
    assert fmean(means) == pytest.approx(mean, rel=0.01)
    low, high = interval(means, 0.95)
    assert high - low == pytest.approx(2 * 1.96 * sqrt(variance), rel=0.1)


def test_many_amounts_are_resampled_alike(monkeypatch):
    amounts, visitors = lognormal(400, 1), 4000
    one_by_one = interval(resampled_means(amounts, visitors, Random(1)), 0.95)
    monkeypatch.setattr("trackflow.domain.resampling.MANY_AMOUNTS", 300)
    assert interval(resampled_means(amounts, visitors, Random(1)), 0.95) == pytest.approx(
        one_by_one, rel=0.05
    )


def test_the_permutation_test_agrees_with_all_permutations_counted():
    # Of the 20 ways to put three of six into one group, 2 differ as much as this one.
    a, b = ((1.0, 2.0, 3.0), 3), ((4.0, 5.0, 6.0), 3)
    assert permutation_p_value(a, b, Random(1)) == pytest.approx(2 / 20, abs=0.02)


def test_the_permutation_test_and_welchs_agree_on_many_amounts(monkeypatch):
    a, b = (lognormal(240, 1), 3000), (lognormal(240, 2, mean=7.15), 3000)
    by_permutation = permutation_p_value(a, b, Random(1))
    monkeypatch.setattr("trackflow.domain.resampling.MANY_AMOUNTS", 1)
    assert permutation_p_value(a, b, Random(1)) == pytest.approx(by_permutation, abs=0.03)


def test_one_huge_deal_makes_no_winner():
    small = tuple([100.0] * 20)
    result = compare_values([arm("A", 0, 1000, small), arm("B", 0, 1000, (*small, 100_000.0))], Random(1))
    assert (result.verdict, result.leader) == (Verdict.LEADS, "B")
    assert result.standings[0].p_value > 0.3


@given(st.lists(st.tuples(st.integers(12, 500), MONEY), min_size=2, max_size=3))
def test_the_same_seed_gives_the_same_answer(samples):
    arms = [arm(str(i), 0, visitors, amounts) for i, (visitors, amounts) in enumerate(samples)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trackflow.domain.resampling.RESAMPLES", 40)
        patch.setattr("trackflow.domain.experiments.RESAMPLES", 40)
        result = compare_values(arms, Random(7))
        assert result == compare_values(arms, Random(7))
    assert isclose(sum(s.chance_to_be_best for s in result.standings), 1)
    assert all(s.p_value is None or 0 < s.p_value <= 1 for s in result.standings)


# ---------------------------------------------------------------- verdicts


def test_too_few_conversions_are_too_early_and_it_says_how_many_are_needed():
    result = compare_conversions([arm("A", 1, 100), arm("B", 9, 100)])
    assert (result.verdict, result.needed) == (Verdict.TOO_EARLY, 20)


def test_a_small_variant_needs_more_conversions_in_all():
    # One visitor in ten sees B, so ten conversions of B mean a hundred of both.
    assert compare_conversions([arm("A", 40, 900), arm("B", 5, 100)]).needed == 100


def test_a_clear_difference_has_a_winner():
    result = compare_conversions([arm("A", 50, 1000), arm("B", 80, 1000)])
    assert (result.verdict, result.leader) == (Verdict.WINS, "B")
    assert result.sure == pytest.approx(0.9967, abs=1e-4)


def test_a_difference_that_may_be_chance_has_a_leader_and_says_how_many_visitors_decide():
    result = compare_conversions([arm("A", 50, 1000), arm("B", 60, 1000)])
    assert (result.verdict, result.leader) == (Verdict.LEADS, "B")
    assert result.needed == 2 * experiments.visitors_needed(0.05, 0.06) > 2000


def test_a_winner_needs_both_the_chance_and_the_p_value():
    # p is 0.074, though B is the best with a probability of 96 %.
    result = compare_conversions([arm("A", 50, 1000), arm("B", 69, 1000)])
    assert result.sure > 0.95 and result.standings[0].p_value > 0.05
    assert result.verdict is Verdict.LEADS


def test_variants_that_are_alike_have_no_winner():
    assert compare_conversions([arm("A", 50, 1000), arm("B", 50, 1000)]).verdict is Verdict.EVEN


def test_many_variants_make_it_harder_to_win():
    two = [arm("A", 50, 1000), arm("B", 72, 1000)]
    assert compare_conversions(two).verdict is Verdict.WINS
    crowd = [arm(f"C{i}", 50, 1000) for i in range(8)]
    assert compare_conversions([*two, *crowd]).verdict is Verdict.LEADS


def test_there_is_no_test_with_one_visited_variant():
    assert compare_conversions([arm("A", 50, 1000), arm("B", 0, 0)]) is None
    assert compare_values([arm("A", 50, 1000)], Random(1)) is None


def test_without_deals_it_is_too_early_to_speak_of_money():
    result = compare_values([arm("A", 0, 100), arm("B", 0, 100)], Random(1))
    assert (result.verdict, result.needed) == (Verdict.TOO_EARLY, 20)
    assert [s.chance_to_be_best for s in result.standings] == pytest.approx([0.5, 0.5], abs=1e-9)


def test_much_more_money_per_visitor_wins():
    arms = [arm("A", 0, 2000, lognormal(40, 1)), arm("B", 0, 2000, lognormal(90, 2))]
    result = compare_values(arms, Random(1))
    assert (result.verdict, result.leader) == (Verdict.WINS, "B")
    assert result.sure > 0.99


@given(st.lists(COUNTS, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_a_verdict_does_not_depend_on_the_order_of_the_variants(trials, random):
    arms = [arm(str(i), *counts) for i, counts in enumerate(trials)]
    shuffled = random.sample(arms, len(arms))
    one, other = compare_conversions(arms), compare_conversions(shuffled)
    assert (one.verdict, one.needed) == (other.verdict, other.needed)


def test_there_are_as_many_resamples_as_the_documentation_says():
    assert len(resampled_means((1.0,), 10, Random(1))) == RESAMPLES == 2000
