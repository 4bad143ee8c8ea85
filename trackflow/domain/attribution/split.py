"""Money split to the last unit."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction


def split(value: Decimal, shares: Sequence[Fraction], precision: int) -> list[Decimal]:
    """Return ``value`` split by ``shares`` (which sum to 1) into amounts of ``precision`` decimals.

    Largest remainder method (Hamilton's apportionment): everybody gets the amount rounded down, and what is
    left goes in smallest units to the largest remainders, the earlier one first. The amounts sum to
    ``value`` rounded to ``precision``.
    """
    if not shares:
        return []
    unit = Decimal(1).scaleb(-precision)
    units = int(value.quantize(unit).scaleb(precision))
    exact = [share * units for share in shares]
    floors = [part.__floor__() for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (floors[i] - exact[i], i))
    for i in by_remainder[: units - sum(floors)]:
        floors[i] += 1
    return [Decimal(part).scaleb(-precision) for part in floors]
