"""Data-Driven Markov: removal effects, on chains that can be worked out by hand and on any other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.attribution import markov
from trackflow.domain.attribution.markov import learn
from trackflow.domain.errors import Refused

BY_HAND = [("A", True), ("AB", True), ("B", False)]

journeys = st.lists(
    st.tuples(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=5), st.booleans()),
    min_size=2,
    max_size=30,
).filter(lambda found: len({is_won for _states, is_won in found}) == 2)
orders = st.integers(1, 3)


def test_the_chain_of_the_docstring():
    found = learn(BY_HAND)
    assert found.effects == {"A": 0.75, "B": 0.5}
    assert found.shares == {"A": 0.6, "B": 0.4}
    assert (found.journeys, found.conversions) == (3, 2)


def test_a_chain_of_second_order_by_hand():
    """Nodes (A), (A, B), (B). (A): won 1/2, (A, B) 1/2; (A, B): won; (B): lost. p(start) = 2/3.

    Without A everybody who begins with it is lost, and (B) is lost anyway: effect 1. Without B (A, B) goes, and
    2/3 * 1/2 = 1/3 is left: effect 1/2.
    """
    found = learn(BY_HAND, order=2)
    assert found.effects == pytest.approx({"A": 1, "B": 0.5})


def test_a_chain_with_a_loop_by_hand():
    """A > A > won and A > lost. A: A 1/3, won 1/3, lost 1/3, so p(A) = 1/2, and all of it goes through A."""
    assert learn([("AA", True), ("A", False)]).effects == {"A": 1}


def test_what_every_win_goes_through_has_the_whole_effect():
    found = learn([("AC", True), ("BC", True), ("A", False), ("B", False)])
    assert found.effects["C"] == 1
    assert found.effects["A"] == found.effects["B"] == pytest.approx(0.5)


def test_what_only_loses_has_no_effect():
    assert learn([("A", True), ("B", False)]).shares == {"A": 1, "B": 0}


@given(journeys, orders)
def test_effects_lie_between_0_and_1_and_shares_sum_to_1(found, order):
    result = learn(found, order=order)
    assert all(-1e-9 <= effect <= 1 + 1e-9 for effect in result.effects.values())
    assert sum(result.shares.values()) == pytest.approx(1)
    assert set(result.effects) == {state for states, _is_won in found for state in states}


@given(journeys, orders)
def test_the_chain_wins_as_often_as_the_journeys_did(found, order):
    chain = markov.Chain(order)
    for states, is_won in found:
        chain.add(states, is_won)
    nodes = sorted({node for node, _next in chain.transitions if node})
    visits, _returns, (_chances, won) = markov._solve(chain.transitions, nodes)
    assert visits @ won == pytest.approx(chain.conversions / chain.journeys)


@given(journeys, orders)
def test_taking_a_state_away_by_hand_loses_what_its_effect_says(found, order):
    """The same by another way: let everybody who comes to the state be lost, and solve that chain anew."""
    result = learn(found, order=order)
    total = sum(is_won for _states, is_won in found) / len(found)
    for state, effect in result.effects.items():
        assert 1 - _without(found, order, state) / total == pytest.approx(effect, abs=1e-9)


def _without(found, order, state):
    chain = markov.Chain(order)
    for states, is_won in found:
        chain.add(states, is_won)
    ahead = {}
    for (node, following), count in chain.transitions.items():
        ahead.setdefault(node, []).append((following, count))
    chances = dict.fromkeys(ahead, 0.0)
    for _ in range(3_000):
        before = dict(chances)
        for node, following in ahead.items():
            reached = sum(count * _chance(after, before, state) for after, count in following)
            chances[node] = reached / sum(count for _after, count in following)
        if max(abs(chances[node] - before[node]) for node in chances) < 1e-13:
            break
    return chances[()]


def _chance(node, chances, state):
    if isinstance(node, str):
        return float(node == markov.WON)
    return 0.0 if state in node else chances[node]


@given(journeys, st.randoms(use_true_random=False))
def test_the_order_of_the_journeys_makes_no_difference(found, random):
    assert learn(random.sample(found, len(found))) == learn(found)


def test_journeys_without_touches_say_nothing():
    assert learn([*BY_HAND, ("", True), ("", False)]) == learn(BY_HAND)


@pytest.mark.parametrize(
    ("found", "minimum", "reason"),
    [
        (BY_HAND, 4, "journeys_few"),
        ([], 0, "journeys_few"),
        ([("A", False)] * 3, 2, "journeys_none_won"),
        ([("A", True)] * 3, 2, "journeys_none_lost"),
    ],
)
def test_too_little_to_learn_from_is_refused(found, minimum, reason):
    with pytest.raises(Refused) as refusal:
        learn(found, minimum=minimum)
    assert refusal.value.reason == reason


def test_a_chain_of_too_many_states_is_refused():
    many = [([str(number)], number % 2 == 0) for number in range(markov.MOST_NODES + 1)]
    with pytest.raises(Refused) as refusal:
        learn(many)
    assert refusal.value.reason == "chain_nodes"
