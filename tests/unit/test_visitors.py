"""Visitor ids: in the order of time, not to be guessed or linked, and never taken on trust."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.visitors import daily_visitor_id, new_visitor_id, valid_visitor_id

DAY, NEXT_DAY = date(2026, 3, 28), date(2026, 3, 29)
SALT, TOMORROW = b"salt of today....", b"salt of tomorrow."
MOMENTS = st.integers(0, 2**48 - 1)

anything = st.one_of(st.none(), st.integers(), st.binary(), st.text(), st.lists(st.text()))


@given(MOMENTS, st.binary(min_size=10, max_size=10))
def test_a_new_id_is_v_and_32_hex_digits_of_the_moment_and_the_random_bytes(moment, random_bytes):
    made = new_visitor_id(moment, random_bytes)
    assert made == f"v_{moment:012x}{random_bytes.hex()}"
    assert valid_visitor_id(made)


@given(st.integers(0, 2**47), st.integers(1, 2**47 - 1), st.binary(min_size=10, max_size=10))
def test_who_comes_later_sorts_later(moment, gap, random_bytes):
    assert new_visitor_id(moment, b"\xff" * 10) < new_visitor_id(moment + gap, random_bytes)


@pytest.mark.parametrize("length", [0, 9, 11, 16])
def test_an_id_is_not_made_of_too_little_randomness(length):
    with pytest.raises(ValueError):
        new_visitor_id(1, b"x" * length)


@given(st.text(), st.text())
def test_without_consent_the_id_is_the_same_all_day(address, user_agent):
    today = daily_visitor_id(DAY, SALT, address, user_agent)
    assert valid_visitor_id(today)
    assert today == daily_visitor_id(DAY, SALT, address, user_agent)


@given(st.text(), st.text())
def test_without_consent_the_id_of_tomorrow_is_another(address, user_agent):
    today = daily_visitor_id(DAY, SALT, address, user_agent)
    tomorrow = daily_visitor_id(NEXT_DAY, TOMORROW, address, user_agent)
    assert today[-20:] != tomorrow[-20:]


@given(st.text(), st.integers(0, 24 * 3600 * 1000 - 1))
def test_without_consent_the_id_tells_the_day_and_no_time(address, milliseconds):
    """It lies among the ids of visitors who came that day, at its beginning."""
    begin = datetime(DAY.year, DAY.month, DAY.day, tzinfo=timezone.utc)
    today, tomorrow = (daily_visitor_id(day, SALT, address, "A") for day in (DAY, NEXT_DAY))
    assert int(today[2:14], 16) == begin.timestamp() * 1000
    assert int(tomorrow[2:14], 16) == (begin + timedelta(days=1)).timestamp() * 1000
    someone = new_visitor_id(int(begin.timestamp() * 1000) + milliseconds, b"\xff" * 10)
    assert today <= someone < tomorrow


def test_without_consent_80_bits_of_an_id_are_the_hash():
    ids = {daily_visitor_id(DAY, SALT, str(number), "A")[14:] for number in range(500)}
    assert len(ids) == 500 and {len(each) for each in ids} == {20}
    # each digit takes many values: none is fixed
    assert all(len({each[place] for each in ids}) == 16 for place in range(20))


def test_without_consent_other_addresses_and_browsers_are_other_visitors():
    people = [("10.0.0.1", "A"), ("10.0.0.2", "A"), ("10.0.0.1", "B"), ("10.0.0.1A", ""), ("", "10.0.0.1A")]
    assert len({daily_visitor_id(DAY, SALT, *person) for person in people}) == len(people)


def test_an_id_stands_lone_surrogates():
    assert valid_visitor_id(daily_visitor_id(DAY, SALT, "10.0.0.1", "\ud800"))


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
