"""Links: when they redirect, and the parameters they stand for."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.links import Availability, Link, Utm, availability

from .builders import NOON, after

TICK = timedelta(microseconds=1)


def link(**known: object) -> Link:
    return Link(name="L", code="abc2345", target_url="https://shop.example/", **known)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, Availability.OPEN),
        ({"status": "Paused"}, Availability.PAUSED),
        ({"status": "Archived"}, Availability.ARCHIVED),
        ({"status": ""}, Availability.PAUSED),
        ({"starts_at": NOON}, Availability.OPEN),
        ({"starts_at": NOON + TICK}, Availability.NOT_STARTED),
        ({"expires_at": NOON}, Availability.EXPIRED),
        ({"expires_at": NOON + TICK}, Availability.OPEN),
        ({"starts_at": after(-60), "expires_at": after(60)}, Availability.OPEN),
        ({"status": "Archived", "expires_at": NOON}, Availability.ARCHIVED),
        ({"status": "Paused", "expires_at": NOON}, Availability.PAUSED),
    ],
)
def test_a_link_redirects_while_it_is_active_and_in_its_time(known, expected):
    assert availability(link(**known), NOON) is expected


moments = st.none() | st.integers(-100, 100).map(after)


@given(moments, moments, st.sampled_from(["Active", "Paused", "Archived"]))
def test_an_open_link_is_active_started_and_not_expired(starts_at, expires_at, status):
    found = availability(link(status=status, starts_at=starts_at, expires_at=expires_at), NOON)
    in_time = (starts_at is None or starts_at <= NOON) and (expires_at is None or expires_at > NOON)
    assert (found is Availability.OPEN) == (status == "Active" and in_time)


def test_utm_parameters_come_in_the_customary_order():
    utm = Utm(content="e", term="d", campaign="c", medium="b", source="a")
    assert list(utm.parameters().items()) == [
        ("utm_source", "a"),
        ("utm_medium", "b"),
        ("utm_campaign", "c"),
        ("utm_term", "d"),
        ("utm_content", "e"),
    ]


def test_empty_utm_parameters_are_left_out():
    assert Utm(source="a", term="").parameters() == {"utm_source": "a"}
    assert Utm().parameters() == {}
