"""Visitor ids: random or unlinkable, and never taken on trust."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.visitors import daily_visitor_id, new_visitor_id, valid_visitor_id

SALT, TOMORROW = b"salt of today....", b"salt of tomorrow."

anything = st.one_of(st.none(), st.integers(), st.binary(), st.text(), st.lists(st.text()))


@given(st.binary(min_size=16, max_size=16))
def test_a_new_id_is_v_and_32_hex_digits_of_the_random_bytes(random_bytes):
    assert new_visitor_id(random_bytes) == f"v_{random_bytes.hex()}"
    assert valid_visitor_id(new_visitor_id(random_bytes))


@pytest.mark.parametrize("length", [0, 15, 17])
def test_an_id_is_not_made_of_too_little_randomness(length):
    with pytest.raises(ValueError):
        new_visitor_id(b"x" * length)


@given(st.text(), st.text())
def test_without_consent_the_id_is_the_same_all_day(address, user_agent):
    today = daily_visitor_id(SALT, address, user_agent)
    assert valid_visitor_id(today)
    assert today == daily_visitor_id(SALT, address, user_agent)


@given(st.text(), st.text())
def test_without_consent_the_id_of_tomorrow_is_another(address, user_agent):
    assert daily_visitor_id(SALT, address, user_agent) != daily_visitor_id(TOMORROW, address, user_agent)


def test_without_consent_other_addresses_and_browsers_are_other_visitors():
    people = [("10.0.0.1", "A"), ("10.0.0.2", "A"), ("10.0.0.1", "B"), ("10.0.0.1A", ""), ("", "10.0.0.1A")]
    assert len({daily_visitor_id(SALT, *person) for person in people}) == len(people)


def test_an_id_stands_lone_surrogates():
    assert valid_visitor_id(daily_visitor_id(SALT, "10.0.0.1", "\ud800"))


@given(anything)
def test_what_a_client_sends_is_an_id_or_nothing(value):
    assert valid_visitor_id(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "v_" + "a" * 31,
        "v_" + "a" * 33,
        "v_" + "A" * 32,
        "v_" + "g" * 32,
        "v_" + "a" * 32 + "\n",
        " v_" + "a" * 32,
        "x_" + "a" * 32,
        "v_" + "\u0663" * 32,
        "a" * 34,
    ],
)
def test_an_id_that_is_not_quite_one_is_none(value):
    assert valid_visitor_id(value) is None
