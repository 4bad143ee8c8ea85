"""How long attribution takes: journeys of 1 to 20 touches through each rule-based model, and what Markov and Shapley
learn from as many.

Needs no site: python -m benchmarks.attribution [journeys], a million unless given.
"""

import resource
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from trackflow.domain.attribution import DATA_DRIVEN, RULES, Milestones, Model, channels, weights
from trackflow.domain.attribution.channels import ChannelRule, Grouping
from trackflow.domain.touchpoints import Touch

LONGEST = 20
POOL = 50_000
END = datetime(2024, 6, 30, 12)
ORIGINS = (
    ("google", "cpc"), ("google", "organic"), ("facebook", "paid_social"), ("facebook", "referral"),
    ("newsletter", "email"), ("partner", "affiliate"), ("blog.example.com", "referral"), ("banner", "display"),
    ("youtube", "video"), ("", ""),
)  # fmt: skip


def run(journeys: int) -> dict[str, float]:
    """Return the seconds of one core that ``journeys`` journeys take under each model, waiting left out."""
    pool = _pool()
    seconds = {name: _rule_based(_model(name), pool, journeys) for name in RULES if name not in DATA_DRIVEN}
    for name in DATA_DRIVEN:
        seconds[name] = _data_driven(name, pool, journeys)
    return seconds


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _rule_based(model: Model, pool: list[Touch], journeys: int) -> float:
    milestones = Milestones(END - timedelta(days=20), END - timedelta(days=10), END)
    started = time.process_time()
    for touches in _journeys(pool, journeys):
        weights(model, touches, END, milestones)
    return time.process_time() - started


def _data_driven(name: str, pool: list[Touch], journeys: int) -> float:
    from trackflow.domain.attribution import markov, shapley

    model, random = Model(name), Random(2)
    started = time.process_time()
    observed = (
        ([model.state_of(touch) for touch in touches], random.random() < 0.3)
        for touches in _journeys(pool, journeys)
    )
    if name == "Data-Driven Markov":
        markov.learn(observed)
    else:
        shapley.learn(observed, Random(1))
    return time.process_time() - started


def _model(name: str) -> Model:
    rules = (
        ChannelRule("Partners", channels.parse_conditions("source regex ^(partner|reseller)"), 3_000_000),
        ChannelRule("Mail", channels.parse_conditions("medium equals email"), 2_000_000),
    )
    return Model(name, grouping=Grouping(rules if name == "Custom" else ()))


def _journeys(pool: list[Touch], count: int) -> Iterator[list[Touch]]:
    """Yield journeys one after the other, as the rest of the app reads them; stretches of the same long list."""
    random = Random(1)
    for _ in range(count):
        begin, length = random.randrange(POOL - LONGEST), random.randint(1, LONGEST)
        yield pool[begin : begin + length]


def _pool() -> list[Touch]:
    random = Random(0)
    times = sorted(END - timedelta(seconds=random.randrange(90 * 86_400)) for _ in range(POOL))
    return [_touch(number, at, random) for number, at in enumerate(times)]


def _touch(number: int, at: datetime, random: Random) -> Touch:
    source, medium = random.choice(ORIGINS)
    campaign = f"Campaign {random.randrange(40)}" if source and medium != "organic" else ""
    return Touch(name=f"{number:020x}", at=at, source=source, medium=medium, campaign=campaign)


def report(journeys: int) -> None:
    print(f"Attribution ({journeys:,} journeys of 1 to {LONGEST} touches, one core)")
    for name, seconds in run(journeys).items():
        print(f"  {name}: {seconds:.1f} s")
    print(f"  memory at its peak: {peak_megabytes():.0f} MB")


if __name__ == "__main__":
    report(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
