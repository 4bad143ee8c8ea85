"""Variants: everybody keeps theirs, and the shares follow the weights."""

from collections import Counter
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain import routing
from trackflow.domain.links import Link, Variant
from trackflow.domain.routing import Passenger, Route, choose_variant, route
from trackflow.domain.targeting import Traits

from .builders import NOON, visitor

VISITORS = [visitor(number) for number in range(6_000)]


def variants(**weights: int) -> tuple[Variant, ...]:
    return tuple(Variant(name, f"https://{name}.example/", weight) for name, weight in weights.items())


def choices(link: str = "L", **weights: int) -> list[str]:
    return [choose_variant(variants(**weights), link, one).name for one in VISITORS]


@pytest.mark.parametrize(
    "weights",
    [
        {"a": 1, "b": 1},
        {"a": 90, "b": 10},
        {"a": 50, "b": 30, "c": 20},
        {"a": 1, "b": 99},
        {"a": 1, "b": 2, "c": 3},
    ],
)
def test_shares_follow_the_weights(weights):
    chosen, total = Counter(choices(**weights)), sum(weights.values())
    for name, weight in weights.items():
        share = weight / total
        tolerance = 4 * sqrt(len(VISITORS) * share * (1 - share))
        assert abs(chosen[name] - len(VISITORS) * share) < tolerance


@given(st.lists(st.integers(0, 100), min_size=1, max_size=6), st.text(max_size=10), st.text(max_size=40))
def test_the_choice_is_sticky_and_does_not_depend_on_the_order(weights, link, visitor_id):
    offered = [Variant(f"v{i}", f"https://v{i}.example/", weight) for i, weight in enumerate(weights)]
    chosen = choose_variant(offered, link, visitor_id)
    assert chosen == choose_variant(offered[::-1], link, visitor_id)
    assert chosen is None if not any(weights) else chosen.weight > 0


def test_weight_0_is_never_chosen():
    assert set(choices(a=1, b=0, c=1)) == {"a", "c"}


@pytest.mark.parametrize("offered", [(), variants(a=0), variants(a=0, b=0), variants(a=-1)])
def test_there_is_no_choice_where_nothing_has_a_weight(offered):
    assert choose_variant(offered, "L", VISITORS[0]) is None


def test_more_weight_for_one_moves_visitors_only_to_it():
    moved = [
        (old, new)
        for old, new in zip(choices(a=1, b=1, c=1), choices(a=1, b=1, c=5), strict=True)
        if old != new
    ]
    assert moved and all(new == "c" for _old, new in moved)


def test_less_weight_for_one_moves_visitors_only_away_from_it():
    moved = [
        (old, new)
        for old, new in zip(choices(a=5, b=5, c=5), choices(a=5, b=5, c=1), strict=True)
        if old != new
    ]
    assert moved and all(old == "c" for old, _new in moved)


def test_taking_one_away_moves_only_its_own_visitors():
    for old, new in zip(choices(a=1, b=2, c=3), choices(a=1, b=2), strict=True):
        assert old in ("c", new)


def test_another_link_deals_the_same_visitors_anew():
    same = sum(old == new for old, new in zip(choices("L", a=1, b=1), choices("M", a=1, b=1), strict=True))
    assert 0.45 < same / len(VISITORS) < 0.55


def link(**known: object) -> Link:
    return Link(name="L", code="abc2345", **{"target_url": "https://shop.example/", **known})


def taken(told_id: str = VISITORS[0], own_host: str = "go.example", **known: object) -> Route:
    return route(link(**known), Traits(NOON), Passenger(VISITORS[0], told_id, "c1", own_host))


def test_a_link_without_variants_sends_to_its_target():
    assert taken() == Route("https://shop.example/")


def test_a_link_whose_variants_weigh_nothing_sends_to_its_target():
    assert taken(variants=variants(a=0)) == Route("https://shop.example/")


def test_a_link_with_variants_names_the_one_it_sends_to():
    assert taken(variants=variants(a=1)) == Route("https://a.example/", variant="a")


@pytest.mark.parametrize(
    ("asked_for", "told_id", "own_host", "expected"),
    [
        (True, VISITORS[0], "go.example", f"https://shop.example/?tf_visitor={VISITORS[0]}"),
        (False, VISITORS[0], "go.example", "https://shop.example/"),
        (True, "", "go.example", "https://shop.example/"),
        (True, VISITORS[0], "shop.example", "https://shop.example/"),
        (True, VISITORS[0], "SHOP.example", "https://shop.example/"),
    ],
)
def test_the_visitor_id_is_handed_on_only_where_asked_for_and_only_to_others(
    asked_for, told_id, own_host, expected
):
    assert taken(told_id, own_host, append_visitor_id=asked_for).url == expected


class Digest:
    def __init__(self, byte: bytes):
        self.byte = byte

    def digest(self) -> bytes:
        return self.byte * 32


@pytest.mark.parametrize("byte", [b"\x00", b"\x80", b"\xff"])
def test_every_hash_gives_a_choice(byte, monkeypatch):
    monkeypatch.setattr(routing.hashlib, "sha256", lambda _message: Digest(byte))
    assert choose_variant(variants(a=1), "L", VISITORS[0]).name == "a"
