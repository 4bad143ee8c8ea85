"""Splitting money: the parts sum to the whole, to the last unit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.attribution import split

precisions = st.integers(0, 3)
shares_of_1 = (
    st.lists(st.integers(0, 1_000), min_size=1, max_size=40)
    .filter(any)
    .map(lambda parts: [Fraction(part, sum(parts)) for part in parts])
)
amounts = st.one_of(
    st.sampled_from([Decimal(0), Decimal("0.01"), Decimal("-0.01"), Decimal(10) ** 12, -(Decimal(10) ** 12)]),
    st.decimals(-(10**12), 10**12, places=3),
)


def rounded(value: Decimal, precision: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-precision))


@given(amounts, shares_of_1, precisions)
def test_the_parts_sum_to_the_value(value, shares, precision):
    assert sum(split(value, shares, precision)) == rounded(value, precision)


@given(amounts, st.integers(1, 200), precisions)
def test_equal_shares_sum_to_the_value_for_any_number_of_parts(value, n, precision):
    parts = split(value, [Fraction(1, n)] * n, precision)
    assert sum(parts) == rounded(value, precision)
    assert max(parts) - min(parts) <= Decimal(1).scaleb(-precision)


@given(amounts, shares_of_1, precisions)
def test_every_part_is_within_one_unit_of_its_exact_share(value, shares, precision):
    unit = Fraction(1, 10**precision)
    whole = Fraction(rounded(value, precision))
    for part, share in zip(split(value, shares, precision), shares, strict=True):
        assert abs(Fraction(part) - share * whole) < unit


@given(amounts, shares_of_1, precisions)
def test_no_part_has_more_decimals_than_asked_for(value, shares, precision):
    assert all(part == rounded(part, precision) for part in split(value, shares, precision))


@given(amounts, shares_of_1, precisions)
def test_a_share_of_nothing_gets_nothing(value, shares, precision):
    parts = split(value, shares, precision)
    assert all(part == 0 for part, share in zip(parts, shares, strict=True) if share == 0)


THIRDS = [Fraction(1, 3)] * 3


@pytest.mark.parametrize(
    ("value", "precision", "expected"),
    [
        ("100", 2, ["33.34", "33.33", "33.33"]),
        ("200", 2, ["66.67", "66.67", "66.66"]),
        ("100", 0, ["34", "33", "33"]),
        ("1", 3, ["0.334", "0.333", "0.333"]),
        ("-100", 2, ["-33.33", "-33.33", "-33.34"]),
        ("0", 2, ["0.00", "0.00", "0.00"]),
        ("0.01", 2, ["0.01", "0.00", "0.00"]),
        ("1000000000000", 2, ["333333333333.34", "333333333333.33", "333333333333.33"]),
    ],
)
def test_the_odd_cent_goes_to_the_earlier_touch(value, precision, expected):
    assert list(map(str, split(Decimal(value), THIRDS, precision))) == expected


def test_the_odd_cent_goes_to_the_largest_remainder_first():
    shares = [Fraction(1, 8), Fraction(7, 8)]
    assert split(Decimal("0.01"), shares, 2) == [Decimal("0.00"), Decimal("0.01")]


def test_nobody_to_share_with_means_no_parts():
    assert split(Decimal(100), [], 2) == []
