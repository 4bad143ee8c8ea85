"""Past clicks judged again with the rules of today, and what that changes.

What only the request could tell stays: prefetches, people who opted out, and whether an address was internal of
which a shortened form was kept that does not say.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import ip_network

from trackflow.domain import rules as own_rules
from trackflow.domain.clicks import Click, Ruling, Verdict, judge, judge_request
from trackflow.domain.daily_totals import CAMPAIGN_UNIQUES, UNIQUES, Day
from trackflow.domain.ip_ranges import Network, anonymize, parse_address
from trackflow.domain.ledger import Known, Ledger, day_of
from trackflow.domain.rules import Rules

Pair = tuple[str, str, str]
_LASTING = (Verdict.PREFETCH, Verdict.OPTED_OUT)


@dataclass(frozen=True)
class Past:
    """A click that was judged before.

    click: with its visitor, also where the visitor left no trace, and without a ruling. ruling, version: as they
    stand. session, is_unique, is_campaign_unique: of the event. is_fixed: it is there to be compared with only.
    """

    click: Click
    ruling: Ruling
    version: int = 0
    session: str = ""
    is_unique: bool = False
    is_campaign_unique: bool = False
    is_fixed: bool = False


@dataclass(frozen=True)
class Heir:
    """The click that is a visitor's first on a link, or in a campaign, when the one before it counts no more."""

    name: str
    at: datetime
    day: Day


@dataclass
class Correction:
    """What changes. ledger: as for new clicks, with numbers below zero where something is taken back.

    heirs: by the pair they inherit, as ``Reach.pair`` has it. lost: pairs that nobody inherits.
    """

    ledger: Ledger
    heirs: dict[Pair, Heir] = field(default_factory=dict)
    lost: list[Pair] = field(default_factory=list)


def judge_again(past: Sequence[Past], rules: Rules, internal: Sequence[Network]) -> dict[str, Ruling]:
    """Return the rulings of today by name of click. Under the same rules nothing changes, however often.

    ``past`` needs what happened up to a duplicate's window before and after, as fixed clicks for example.
    """
    clicks = own_rules.apply([_reopened(one, internal) for one in past], rules)
    rulings = {click.name: judge(click, None) for click in clicks}
    for chain in _chains(past, rulings).values():
        _settle_duplicates(chain, rulings)
    return {one.click.name: rulings[one.click.name] for one in past if not one.is_fixed}


def _reopened(one: Past, internal: Sequence[Network]) -> Click:
    if one.is_fixed or one.ruling.verdict in _LASTING:
        return replace(one.click, ruling=one.ruling)
    is_internal = _is_internal(one.click.ip_address, internal)
    if is_internal is None:
        is_internal = one.ruling.verdict is Verdict.INTERNAL
    return replace(one.click, ruling=judge_request(prefetch="", opted_out=False, internal=is_internal))


def _is_internal(address: str, internal: Sequence[Network]) -> bool | None:
    """Say whether the address is in an internal range, or None if a shortened one may be either."""
    kept = parse_address(address)
    if kept is None:
        return None
    bits = {4: 24, 6: 48}[kept.version] if anonymize(kept) == kept else kept.max_prefixlen
    possible = ip_network((int(kept), bits)) if kept.version == 4 else ip_network(f"{kept}/{bits}")
    same = [each for each in internal if each.version == kept.version]
    if any(possible.subnet_of(each) for each in same):
        return True
    return None if any(possible.overlaps(each) for each in same) else False


def _chains(past: Iterable[Past], rulings: Mapping[str, Ruling]) -> dict[tuple[str, str], list[Past]]:
    """Return the clicks that are human but for duplicates, by visitor and link."""
    chains: defaultdict[tuple[str, str], list[Past]] = defaultdict(list)
    for one in past:
        if one.click.visitor_id and rulings[one.click.name].verdict is Verdict.HUMAN:
            chains[one.click.visitor_id, one.click.link].append(one)
    return chains


def _settle_duplicates(chain: Sequence[Past], rulings: dict[str, Ruling]) -> None:
    """Those that counted go on counting, and the others are measured by them: clicks may have come in any order."""
    counted = [one.click.at for one in chain if one.is_fixed]
    again = [one for one in chain if not one.is_fixed]
    for one in sorted(again, key=lambda o: (o.ruling.verdict is not Verdict.HUMAN, o.click.at, o.click.name)):
        nearest = min(counted, key=lambda at: abs(at - one.click.at), default=None)
        rulings[one.click.name] = judge(one.click, nearest)
        if rulings[one.click.name].verdict is Verdict.HUMAN:
            counted.append(one.click.at)


# ---------------------------------------------------------------- what it changes

Change = tuple[Past, Ruling]


def orphans(changes: Iterable[Change]) -> list[Pair]:
    """Return the pairs whose first click counts no more, as ``Reach.pair`` has them."""
    found = []
    for one, ruling in changes:
        if one.ruling.verdict is Verdict.HUMAN and ruling.verdict is not Verdict.HUMAN:
            found += _firsts(one)
    return found


def _firsts(one: Past) -> list[Pair]:
    click = one.click
    pairs = [("Tracked Link", click.link, click.visitor_id)] if one.is_unique else []
    return pairs + ([("Link Campaign", click.campaign, click.visitor_id)] if one.is_campaign_unique else [])


def correct(changes: Sequence[Change], known: Known, heirs: Mapping[Pair, Heir]) -> Correction:
    """Return what ``changes`` of verdicts change, given what is ``known`` of their visitors.

    heirs: for ``orphans(changes)``, where there are any among the clicks that do not change.
    """
    correction = Correction(Ledger(known))
    for one, _ruling in changes:
        _take_back(one, correction)
    for pair in [pair for one, _ruling in changes for pair in _firsts(one)]:
        _pass_on(pair, heirs.get(pair), correction)
    for one, ruling in sorted(changes, key=lambda change: (change[0].click.at, change[0].click.name)):
        correction.ledger.take(replace(one.click, ruling=ruling))
    return correction


def _take_back(one: Past, correction: Correction) -> None:
    ledger, click = correction.ledger, one.click
    ledger.days[day_of(click)].add(one.ruling.verdict, one.is_unique, one.is_campaign_unique, times=-1)
    if one.ruling.verdict is Verdict.HUMAN:
        ledger.uncount(click, one.session, is_unique=one.is_unique, is_campaign_unique=one.is_campaign_unique)


def _pass_on(pair: Pair, heir: Heir | None, correction: Correction) -> None:
    """Give the first place of a pair to its heir; without one, the next click that counts will be the first."""
    ledger = correction.ledger
    if heir is None:
        ledger.known.reached.discard(pair)
        correction.lost.append(pair)
        return
    correction.heirs[pair] = heir
    doctype, name, _visitor = pair
    is_link = doctype == "Tracked Link"
    ledger.days[heir.day].numbers[UNIQUES if is_link else CAMPAIGN_UNIQUES] += 1
    (ledger.links if is_link else ledger.campaigns)[name].uniques += 1
