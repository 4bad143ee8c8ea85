"""Daily totals: how many clicks of which verdict a link had on a day, so that charts never scan events."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

from trackflow.domain.clicks import Verdict

# Which field of Click Daily Total counts which verdict.
FIELDS = {
    Verdict.HUMAN: "clicks",
    Verdict.DUPLICATE: "duplicates",
    Verdict.BOT: "bot_clicks",
    Verdict.PREFETCH: "prefetches",
    Verdict.INTERNAL: "internal_clicks",
    Verdict.OPTED_OUT: "opted_out_clicks",
}
UNIQUES, CAMPAIGN_UNIQUES = "unique_visitors", "campaign_unique_visitors"
NUMBERS = (*FIELDS.values(), UNIQUES, CAMPAIGN_UNIQUES)


class Day(NamedTuple):
    """What one row of daily totals is about. date: in site time; campaign and variant: "" for none."""

    date: date
    link: str
    campaign: str = ""
    variant: str = ""

    @property
    def name(self) -> str:
        """The row's name, the same wherever it is worked out: workers that meet add to one row."""
        text = "\n".join((self.date.isoformat(), self.link, self.campaign, self.variant))
        return blake2b(text.encode(), digest_size=10).hexdigest()


@dataclass
class DayTally:
    """What to add to a day. A click that was judged anew takes away what it had added under its old verdict."""

    numbers: Counter = field(default_factory=Counter)

    def add(self, verdict: Verdict, is_unique: bool, is_campaign_unique: bool, times: int = 1) -> None:
        """Count a click; ``times`` is -1 for one that is taken back."""
        self.numbers[FIELDS[verdict]] += times
        if is_unique:
            self.numbers[UNIQUES] += times
        if is_campaign_unique:
            self.numbers[CAMPAIGN_UNIQUES] += times

    def values(self) -> tuple[int, ...]:
        """Return the numbers in the order of ``NUMBERS``."""
        return tuple(self.numbers[name] for name in NUMBERS)
