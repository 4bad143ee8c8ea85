"""Which requests counted, which did not, and why.

How many there were of each verdict stands in the daily totals, which stay. Why stands in the events only, as long as
they are kept.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date

import frappe
from frappe.query_builder.functions import Count

from trackflow.analytics import access, clicks
from trackflow.analytics.clicks import Clicks
from trackflow.analytics.questions import Question
from trackflow.domain.clicks import Verdict
from trackflow.domain.daily_totals import FIELDS

Days = Mapping[date, Mapping[str, int]]


def rows(question: Question, days: Days) -> list[dict]:
    """Return a row for each verdict and reason: ``verdict``, ``reason``, ``requests``, ``share`` (percent).

    ``days``: what ``by_day`` says of the same question. ``is_kept`` is 0 for requests whose events are gone: nobody
    knows their reason any more.
    """
    totals, kept, reasons = Counter(), Counter(), _reasons(question)
    for numbers in days.values():
        totals.update(numbers)
    for (verdict, _reason), number in reasons.items():
        kept[verdict] += number
    for verdict, number in totals.items():
        if number > kept[verdict]:
            reasons[verdict, None] = number - kept[verdict]
    everything = sum(reasons.values())
    made = [_row(*about, number, everything) for about, number in reasons.items()]
    order = [verdict.value for verdict in FIELDS]
    return sorted(made, key=lambda row: (order.index(row["verdict"]), -row["requests"], row["reason"]))


def by_day(question: Question) -> Days:
    """Return how many requests of each verdict each day had, the oldest first."""
    found = clicks.by_day(question.period, question.campaign, question.tracked_link)
    return {day: _by_verdict(counted) for day, counted in found.items()}


def _by_verdict(counted: Clicks) -> dict[str, int]:
    return {verdict.value: getattr(counted, name) for verdict, name in FIELDS.items()}


def _reasons(question: Question) -> Counter:
    event = frappe.qb.DocType("Click Event")
    # The columns as they stand, so that they are counted along the index.
    query = frappe.qb.from_(event).select(event.verdict, event.verdict_reason, Count("*"))
    query = query.groupby(event.verdict, event.verdict_reason)
    query = access.only(query, event.campaign, event.tracked_link)
    if question.period:
        query = query.where(question.period.of_times(event.click_timestamp))
    for name in ("campaign", "tracked_link"):
        if question.more.get(name):
            query = query.where(event[name] == question.more[name])
    found = Counter()
    for verdict, reason, number in query.run():
        found[verdict, reason or ""] += number
    return found


def _row(verdict: str, reason: str | None, requests: int, everything: int) -> dict:
    return {
        "verdict": verdict,
        "reason": reason or "",
        "is_kept": int(reason is not None),
        "counts": int(verdict == Verdict.HUMAN.value),
        "requests": requests,
        "share": 100 * requests / everything,
    }
