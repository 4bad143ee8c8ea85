"""Which requests counted, which did not, and why.

How many there were of each verdict stands in the daily totals, which stay. Why stands in the events only, as long as
they are kept.
"""

from collections import Counter
from datetime import date

import frappe
from frappe.query_builder.functions import Coalesce, Count

from trackflow.analytics import clicks
from trackflow.analytics.clicks import Clicks
from trackflow.analytics.questions import Question
from trackflow.domain.clicks import Verdict
from trackflow.domain.daily_totals import FIELDS


def rows(question: Question) -> list[dict]:
    """Return a row for each verdict and reason: ``verdict``, ``reason``, ``requests``, ``share`` (percent).

    ``is_kept`` is 0 for requests whose events are gone: nobody knows their reason any more.
    """
    totals = by_verdict(clicks.in_all(question.period, question.campaign, question.tracked_link))
    reasons = _reasons(question)
    kept = Counter()
    for (verdict, _reason), number in reasons.items():
        kept[verdict] += number
    for verdict, number in totals.items():
        if number > kept[verdict]:
            reasons[verdict, None] = number - kept[verdict]
    everything = sum(reasons.values())
    made = [_row(*about, number, everything) for about, number in reasons.items()]
    order = [verdict.value for verdict in FIELDS]
    return sorted(made, key=lambda row: (order.index(row["verdict"]), -row["requests"], row["reason"]))


def by_verdict(counted: Clicks) -> dict[str, int]:
    return {verdict.value: getattr(counted, name) for verdict, name in FIELDS.items()}


def days(question: Question) -> dict[date, dict[str, int]]:
    """Return how many requests of each verdict each day had, the oldest first."""
    found = clicks.by_day(question.period, question.campaign, question.tracked_link)
    return {day: by_verdict(counted) for day, counted in found.items()}


def _reasons(question: Question) -> Counter:
    event = frappe.qb.DocType("Click Event")
    reason = Coalesce(event.verdict_reason, "")
    query = frappe.qb.from_(event).select(event.verdict, reason, Count("*")).groupby(event.verdict, reason)
    if question.period:
        query = query.where(question.period.of_times(event.click_timestamp))
    for name in ("campaign", "tracked_link"):
        if question.more.get(name):
            query = query.where(event[name] == question.more[name])
    return Counter({(verdict, why): number for verdict, why, number in query.run()})


def _row(verdict: str, reason: str | None, requests: int, everything: int) -> dict:
    return {
        "verdict": verdict,
        "reason": reason or "",
        "is_kept": int(reason is not None),
        "counts": int(verdict == Verdict.HUMAN.value),
        "requests": requests,
        "share": 100 * requests / everything,
    }
