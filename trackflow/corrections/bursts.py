"""Robots that are recognised late: what they opened before is judged again.

A batch of the drain sees the clicks that it has claimed, and what is stored of clients that opened two links within
a second among them. A burst whose clicks came to the drain one by one, or late, or to two workers, shows only when
all of it is stored. So after a drain the seconds that it has touched are looked at as a whole, once, with one
statement for each stretch of time; whoever commits last sees all. A drain that is killed before leaves it to
``catch_up``.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import frappe
from frappe.utils import now_datetime

from trackflow import settings
from trackflow.corrections import rejudge
from trackflow.domain.clicks import DUPLICATE_WINDOW, Verdict
from trackflow.domain.rules import SECOND, Client, Rules, Sighting, bursts

CAUGHT_UP = timedelta(hours=2)
# Stretches of time that are nearer to each other are looked at with one statement.
_NEAR = 30 * SECOND
_OPEN = (Verdict.HUMAN.value, Verdict.DUPLICATE.value)

# A burst of n links fits into two seconds of the clock, so that at least one of them has half of its links.
_BUSY = """
    SELECT DISTINCT address FROM (
        SELECT ip_address AS address FROM `tabClick Event`
        WHERE click_timestamp >= %(since)s AND click_timestamp < %(until)s AND ip_address > ''
        GROUP BY ip_address, CAST(click_timestamp AS DATETIME(0))
        HAVING COUNT(DISTINCT tracked_link) * 2 > %(limit)s
    ) AS busy
"""
_SEEN = """
    SELECT ip_address, user_agent, click_timestamp, tracked_link, verdict FROM `tabClick Event`
    WHERE click_timestamp >= %(since)s AND click_timestamp < %(until)s AND ip_address IN %(addresses)s
"""


def judge_again(seconds: Iterable[datetime]) -> int:
    """Judge again who opened too many links in one of ``seconds`` (whole, site time); return how many clicks changed."""
    rules = settings.load_rules()
    if not rules.max_links_per_second:
        return 0
    return sum(
        rejudge.again(found) for since, until in _stretches(seconds) for found in _found(since, until, rules)
    )


def catch_up() -> None:
    """Look at the last hours once more, for what a drain that was killed has left."""
    now = now_datetime().replace(microsecond=0)
    judge_again([now - timedelta(seconds=ago) for ago in range(0, int(CAUGHT_UP.total_seconds()), 10)])


def _stretches(seconds: Iterable[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Yield from when to when to look, a second before and after each of ``seconds`` included."""
    ordered = sorted(set(seconds))
    breaks = [0, *(at for at, (a, b) in enumerate(pairwise(ordered), 1) if b - a > _NEAR), len(ordered)]
    for first, after in pairwise(breaks):
        if first < after:
            yield ordered[first] - SECOND, ordered[after - 1] + 2 * SECOND


def _found(since: datetime, until: datetime, rules: Rules) -> Iterator[rejudge.Scope]:
    """Yield for each robot with clicks that count for somebody's what is to be judged again."""
    span = {"since": since, "until": until, "limit": rules.max_links_per_second}
    addresses = frappe.db.sql(_BUSY, span, pluck=True)
    rows = frappe.db.sql(_SEEN, span | {"addresses": addresses}) if addresses else ()
    verdicts = {Sighting(Client(a, agent or ""), at, link): verdict for a, agent, at, link, verdict in rows}
    crowded = bursts(verdicts, rules)
    for client in sorted({one.client for one in crowded if verdicts[one] in _OPEN}):
        times = [one.at for one in crowded if one.client == client]
        # What was a duplicate of such a click may count now.
        yield rejudge.Scope(client, min(times), max(times) + DUPLICATE_WINDOW)
