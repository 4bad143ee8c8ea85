"""Decimals of currencies, and values in another currency."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.money import Money, decimals, exchange


@pytest.mark.parametrize(
    ("number_format", "expected"),
    [
        ("#,###.##", 2), ("#.###,##", 2), ("# ###.##", 2), ("#,###", 0), ("#.###", 0), ("#,###.###", 3), ("#.########", 8),
        ("", 2), (None, 2),
    ],
)  # fmt: skip
def test_the_format_of_a_currency_tells_its_decimals(number_format: str | None, expected: int) -> None:
    assert decimals(number_format) == expected


@pytest.mark.parametrize(
    ("value", "rate", "places", "expected"),
    [
        ("10000", "0.00617", 2, "61.70"), ("100", "0.9", 2, "90.00"), ("1", "0.3333", 3, "0.333"), ("-10", "1.5", 0, "-15"),
        ("0.01", "0.5", 2, "0.01"), ("1000000000000", "1.1", 2, "1100000000000.00"), ("0", "3", 2, "0.00"),
    ],
)  # fmt: skip
def test_a_value_in_another_currency(value: str, rate: str, places: int, expected: str) -> None:
    assert exchange(Decimal(value), Decimal(rate), "EUR", places) == Money(Decimal(expected), "EUR", places)


@given(st.decimals(-(10**12), 10**12, places=2), st.decimals("0.0001", 1000, places=4), st.integers(0, 3))
def test_it_is_off_by_half_a_unit_at_most(value: Decimal, rate: Decimal, places: int) -> None:
    exact = value * rate
    assert abs(exchange(value, rate, "EUR", places).value - exact) <= Decimal(5).scaleb(-places - 1)
