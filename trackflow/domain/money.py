"""Money in a currency: its decimals, and its value in another one."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

USUAL_FORMAT = "#,###.##"


@dataclass(frozen=True)
class Money:
    """value: in whole and parts of ``currency`` ("" if there is none), of which ``decimals`` are paid out."""

    value: Decimal
    currency: str = ""
    decimals: int = 2


def decimals(number_format: str | None) -> int:
    """Return how many decimals a format of Frappe's has: 2 for #,###.## or where there is none, 0 for #,###."""
    *groups, last = re.findall("#+", number_format or USUAL_FORMAT)
    separators = set((number_format or USUAL_FORMAT).replace("#", ""))
    is_group = len(separators) == 1 and len(last) == 3
    return len(last) if groups and not is_group else 0


def exchange(value: Decimal, rate: Decimal, currency: str, places: int) -> Money:
    """Return ``value`` at ``rate`` (units of ``currency`` for one) in the smallest units of ``currency``, half up."""
    return Money((value * rate).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), currency, places)
