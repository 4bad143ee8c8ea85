"""Data-Driven Shapley: efficiency, symmetry, the null player, and the average over all orders."""

from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.attribution import shapley
from trackflow.domain.attribution.shapley import exact_values, learn
from trackflow.domain.errors import Refused

games = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.floats(-10, 10), min_size=2**n - 1, max_size=2**n - 1).map(lambda worths: np.array([0.0, *worths]))
)  # fmt: skip
journeys = st.lists(
    st.tuples(st.sets(st.sampled_from("ABCDE"), min_size=1), st.booleans()), min_size=2, max_size=40
).filter(lambda found: len({is_won for _states, is_won in found}) == 2)


def by_permutations(worth):
    players = len(worth).bit_length() - 1
    orders = list(permutations(range(players)))
    values = np.zeros(players)
    for order in orders:
        mask = 0
        for player in order:
            values[player] += worth[mask | 1 << player] - worth[mask]
            mask |= 1 << player
    return values / len(orders)


@given(games)
def test_values_are_the_average_over_all_orders(worth):
    assert exact_values(worth) == pytest.approx(by_permutations(worth), abs=1e-9)


@given(games)
def test_values_sum_to_what_all_are_worth(worth):
    assert exact_values(worth).sum() == pytest.approx(worth[-1], abs=1e-9)


@given(games)
def test_a_player_who_adds_nothing_gets_nothing(worth):
    """Another player beside, with whom every coalition is worth what it is without."""
    values = exact_values(np.concatenate([worth, worth]))
    assert values[-1] == pytest.approx(0, abs=1e-9)
    assert values[:-1] == pytest.approx(exact_values(worth), abs=1e-9)


@given(games)
def test_players_who_add_the_same_get_the_same(worth):
    """Swapping the first two players in a game, and playing both games at once, makes them alike."""
    players = len(worth).bit_length() - 1
    if players < 2:
        return
    swapped = np.array([worth[mask & ~3 | (mask & 1) << 1 | (mask & 2) >> 1] for mask in range(len(worth))])
    first, second = exact_values(worth + swapped)[:2]
    assert first == pytest.approx(second, abs=1e-9)


def test_the_game_of_the_docstring():
    found = learn([("A", True), ("A", False), *[("B", False)] * 2, *[("AB", True)] * 4], Random(1))
    assert found.effects == {"A": 9 / 16, "B": 1 / 16}
    assert found.shares == {"A": 0.9, "B": 0.1}
    assert (found.journeys, found.conversions, found.error_bound) == (8, 5, 0)


@given(journeys)
def test_a_coalition_is_worth_the_share_of_its_own_journeys_that_were_won(found):
    names = sorted(set().union(*(states for states, _is_won in found)))
    result = learn(found, Random(1))
    worth = np.zeros(1 << len(names))
    for mask in range(1, len(worth)):
        members = {name for place, name in enumerate(names) if mask >> place & 1}
        inside = [is_won for states, is_won in found if states <= members]
        worth[mask] = sum(inside) / len(inside) if inside else 0
    assert list(result.effects.values()) == pytest.approx(list(by_permutations(worth)), abs=1e-9)
    assert sum(result.effects.values()) == pytest.approx(result.conversions / result.journeys)


@given(journeys)
def test_shares_lie_between_0_and_1_and_sum_to_1(found):
    shares = learn(found, Random(1)).shares.values()
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) == pytest.approx(1)


def test_what_makes_journeys_fail_gets_no_share():
    found = learn([*[("A", True)] * 9, ("A", False), *[("AB", False)] * 10], Random(1))
    assert found.effects["B"] < 0
    assert found.shares == {"A": 1, "B": 0}


def many_players(count: int, journeys: int = 600) -> list:
    random = Random(7)
    names = [f"c{number:02}" for number in range(count)]
    drawn = [random.sample(names, random.randint(1, 4)) for _ in range(journeys)]
    return [(states, random.random() < (0.6 if names[0] in states else 0.2)) for states in drawn]


def test_drawn_orders_come_as_close_to_the_exact_values_as_the_error_bound_says(monkeypatch):
    found = many_players(8)
    exact = learn(found, Random(1))
    monkeypatch.setattr(shapley, "MOST_EXACT_PLAYERS", 7)
    sampled = learn(found, Random(1))
    errors = [abs(sampled.effects[name] - exact.effects[name]) for name in exact.effects]
    assert 0 < max(errors) <= sampled.error_bound < 0.1
    assert sum(sampled.effects.values()) == pytest.approx(sampled.conversions / sampled.journeys)


def test_the_same_seed_draws_the_same_and_more_orders_are_more_exact():
    found = many_players(20)
    assert learn(found, Random(3)) == learn(found, Random(3))
    assert learn(found, Random(3)).effects != learn(found, Random(4)).effects
    assert learn(found, Random(3), orders=4_000).error_bound < learn(found, Random(3)).error_bound


def test_twelve_players_are_exact():
    assert learn(many_players(12), Random(1)) == learn(many_players(12), Random(2))
    assert learn(many_players(12), Random(1)).error_bound == 0
    assert learn(many_players(13), Random(1)).error_bound > 0


@pytest.mark.parametrize(
    ("found", "minimum", "reason"),
    [
        ([("A", True), ("B", False)], 3, "journeys_few"),
        ([("A", False)] * 3, 2, "journeys_none_won"),
        ([("A", True)] * 3, 2, "journeys_none_lost"),
    ],
)
def test_too_little_to_learn_from_is_refused(found, minimum, reason):
    with pytest.raises(Refused) as refusal:
        learn(found, Random(1), minimum=minimum)
    assert refusal.value.reason == reason
