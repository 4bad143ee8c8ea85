"""The site's own rules on robots: user agents that it names, and addresses that open many links at once.

They are applied to a batch of clicks before each click is judged on its own, and set its ruling.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from trackflow.domain import reasons
from trackflow.domain.clicks import Click, Ruling, Verdict, crop
from trackflow.domain.errors import Refused
from trackflow.domain.ip_ranges import contains, parse_address, parse_ranges

SECOND = timedelta(seconds=1)
SHORTEST_PATTERN = 3
_ORDINARY = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
    " Edg/126.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"
    " Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
)


@dataclass(frozen=True)
class Rules:
    """bot_user_agents: texts that robots' user agents contain, in lower case. max_links_per_second: an address
    that opens more different links in a second is a robot's; 0 for no limit. shared_addresses: ranges, as
    ``ip_ranges.parse_ranges`` takes them, of proxies, behind which many people are.
    """

    bot_user_agents: tuple[str, ...] = ()
    max_links_per_second: int = 0
    shared_addresses: str = ""


class Client(NamedTuple):
    """Who asks, as far as a server can tell. A shortened address is shared by some, who seldom share a browser, too."""

    address: str
    user_agent: str


class Sighting(NamedTuple):
    """A client opened a link at a moment (naive site time)."""

    client: Client
    at: datetime
    link: str


def parse_patterns(text: str) -> tuple[str, ...]:
    """Return the patterns in ``text``, one a line. Raises Refused for one that would hit ordinary browsers."""
    patterns = tuple(dict.fromkeys(line.strip().lower() for line in text.splitlines() if line.strip()))
    for pattern in patterns:
        if len(pattern) < SHORTEST_PATTERN:
            raise Refused("bot_pattern_short", pattern=pattern, shortest=SHORTEST_PATTERN)
        if any(pattern in browser.lower() for browser in _ORDINARY):
            raise Refused("bot_pattern_ordinary", pattern=pattern)
    return patterns


def suspects(clicks: Iterable[Click], rules: Rules) -> list[Sighting]:
    """Return the sightings in ``clicks`` of clients that opened two links within a second.

    It pays to look up what else such a client did around that time; all others are left alone.
    """
    found = []
    for seen in _by_client(clicks, rules).values():
        flagged = _crowded(seen, 1)
        found += [one for one, is_suspect in zip(seen, flagged, strict=True) if is_suspect]
    return found


def apply(clicks: Sequence[Click], rules: Rules, nearby: Iterable[Sighting] = ()) -> list[Click]:
    """Return ``clicks`` with a ruling where the rules have one and the request has given none.

    nearby: what suspects did before and after, in earlier batches.
    """
    bursts = _bursts(clicks, rules, nearby)
    return [click if click.ruling else _ruled(click, rules, bursts) for click in clicks]


def _ruled(click: Click, rules: Rules, bursts: set[Sighting]) -> Click:
    pattern = own_pattern(click.user_agent, rules.bot_user_agents) if rules.bot_user_agents else ""
    if pattern:
        return replace(click, ruling=Ruling(Verdict.BOT, reasons.OWN_ROBOT.format(crop(pattern, 100))))
    if bursts and _sighting(click) in bursts:
        reason = reasons.BURST.format(rules.max_links_per_second)
        return replace(click, ruling=Ruling(Verdict.BOT, reason))
    return click


@lru_cache(maxsize=4096)
def own_pattern(user_agent: str, patterns: tuple[str, ...]) -> str:
    """Return the first of ``patterns`` that ``user_agent`` contains, or ""."""
    text = user_agent.lower()
    return next((pattern for pattern in patterns if pattern in text), "")


def bursts(seen: Iterable[Sighting], rules: Rules) -> set[Sighting]:
    """Return those of ``seen`` that belong to a second in which their client opened too many links."""
    by_client: defaultdict[Client, list[Sighting]] = defaultdict(list)
    for sighting in seen if rules.max_links_per_second else ():
        by_client[sighting.client].append(sighting)
    return _crowds((some for some in by_client.values() if _may_be_robot(some, rules)), rules)


def _may_be_robot(seen: Sequence[Sighting], rules: Rules) -> bool:
    return len(seen) > rules.max_links_per_second and not _is_shared(
        seen[0].client.address, rules.shared_addresses
    )


def _bursts(clicks: Iterable[Click], rules: Rules, nearby: Iterable[Sighting]) -> set[Sighting]:
    seen_by_client = _by_client(clicks, rules)
    for sighting in nearby:
        if sighting.client in seen_by_client:
            seen_by_client[sighting.client].append(sighting)
    return _crowds(seen_by_client.values(), rules)


def _crowds(seen_by_clients: Iterable[list[Sighting]], rules: Rules) -> set[Sighting]:
    found = set()
    for seen in seen_by_clients:
        seen.sort(key=lambda sighting: sighting.at)
        flagged = _crowded(seen, rules.max_links_per_second)
        found.update(one for one, is_burst in zip(seen, flagged, strict=True) if is_burst)
    return found


def _by_client(clicks: Iterable[Click], rules: Rules) -> dict[Client, list[Sighting]]:
    """Return the sightings of clients with more than one link, in order of time."""
    if not rules.max_links_per_second:
        return {}
    seen: defaultdict[Client, list[Sighting]] = defaultdict(list)
    for click in clicks:
        if click.ip_address:
            seen[Client(click.ip_address, click.user_agent)].append(_sighting(click))
    busy = {client: sightings for client, sightings in seen.items() if _has_links(sightings)}
    return {
        client: sorted(sightings, key=lambda sighting: sighting.at)
        for client, sightings in busy.items()
        if not _is_shared(client.address, rules.shared_addresses)
    }


def _has_links(sightings: list[Sighting]) -> bool:
    first = sightings[0].link
    return any(sighting.link != first for sighting in sightings)


def _is_shared(address: str, shared: str) -> bool:
    return contains(parse_ranges(shared), parse_address(address))


def _sighting(click: Click) -> Sighting:
    return Sighting(Client(click.ip_address, click.user_agent), click.at, click.link)


def _crowded(seen: Sequence[Sighting], limit: int) -> Iterator[bool]:
    """Say of each sighting, in order of time, whether some second around it has more than ``limit`` links."""
    flags, links, left, flagged_to = [False] * len(seen), Counter(), 0, 0
    for right, sighting in enumerate(seen):
        links[sighting.link] += 1
        while sighting.at - seen[left].at >= SECOND:
            links[seen[left].link] -= 1
            if not links[seen[left].link]:
                del links[seen[left].link]
            left += 1
        if len(links) > limit:
            for index in range(max(left, flagged_to), right + 1):
                flags[index] = True
            flagged_to = right + 1
    return iter(flags)
