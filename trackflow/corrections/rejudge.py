"""Past clicks judged again with the rules of today, batch by batch, each a transaction.

Killed at any moment it has done whole batches, and doing them again changes nothing. Clicks may come in meanwhile:
visitors are locked as a drain locks them.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import frappe

from trackflow import credit, history, jobs, settings, store
from trackflow.corrections import records as corrections
from trackflow.domain import ip_ranges, rejudgement
from trackflow.domain.clicks import DUPLICATE_WINDOW, RULES_VERSION, Click, Ruling, Verdict
from trackflow.domain.consent import Consent
from trackflow.domain.daily_totals import Day
from trackflow.domain.ledger import Known
from trackflow.domain.links import Utm
from trackflow.domain.rejudgement import Change, Heir, Pair, Past
from trackflow.domain.rules import Client
from trackflow.domain.sessions import TIMEOUT

BATCH = 500
_TRACED = (Verdict.HUMAN, Verdict.DUPLICATE)
_FIELDS = (
    "name", "click_timestamp", "tracked_link", "short_code", "campaign", "variant", "visitor_id", "session",
    "verdict", "verdict_reason", "rules_version", "is_unique", "is_campaign_unique", "consent", "ip_address",
    "user_agent", "referrer", "page_url", "destination_url", "targeting_rule", "event_data",
    *(f"utm_{name}" for name in Utm.__dataclass_fields__),
)  # fmt: skip
_BATCH = f"""
    SELECT {", ".join(_FIELDS)} FROM `tabClick Event` WHERE click_timestamp >= %(since)s
    AND click_timestamp < %(until)s AND (click_timestamp > %(at)s OR name > %(name)s)
    AND (%(link)s = '' OR tracked_link = %(link)s) ORDER BY click_timestamp, name LIMIT %(limit)s
"""
_AROUND = f"""
    SELECT {", ".join(_FIELDS)} FROM `tabClick Event`
    WHERE click_timestamp >= %(since)s AND click_timestamp <= %(until)s
"""
_HEIR = """
    SELECT name, click_timestamp, tracked_link, COALESCE(campaign, ''), COALESCE(variant, '')
    FROM `tabClick Event` WHERE visitor_id = %(visitor)s AND {} = %(of)s AND verdict = 'human'
    AND name NOT IN %(changed)s ORDER BY click_timestamp, name LIMIT 1
"""
_HEIRS = {"Tracked Link": _HEIR.format("tracked_link"), "Link Campaign": _HEIR.format("campaign")}


@dataclass(frozen=True)
class Span:
    """The clicks to be judged: from a day to a day, both included, in site time; of one Tracked Link or all ("")."""

    first: date
    last: date
    link: str = ""

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, datetime.min.time())

    @property
    def until(self) -> datetime:
        return datetime.combine(self.last, datetime.min.time()) + timedelta(days=1)

    def covers(self, click: Click) -> bool:
        return self.since <= click.at < self.until and self.link in ("", click.link)


@dataclass(frozen=True)
class Scope:
    """The clicks of one client from a moment to another, both included, in site time."""

    client: Client
    since: datetime
    until: datetime

    def covers(self, click: Click) -> bool:
        return self.since <= click.at <= self.until and self.client == (click.ip_address, click.user_agent)


def preview(span: Span) -> Iterator[Change]:
    """Yield what would get another verdict. Changes nothing."""
    for batch in _batches(span):
        yield from _split(batch, span)[0]


def run(span: Span, rejudgement_name: str = "") -> Iterator[tuple[int, int]]:
    """Judge again; yield after each batch how many clicks it had and how many got another verdict."""
    frappe.db.commit()
    for batch in _batches(span):
        yield len(batch), _do(batch, span, rejudgement_name)


def again(scope: Scope) -> int:
    """Judge the clicks in ``scope`` again; return how many got another verdict."""
    window = {"since": scope.since, "until": scope.until}
    pasts = [one for one in _read(frappe.db.sql(_AROUND, window, as_dict=True)) if scope.covers(one.click)]
    pasts.sort(key=lambda one: (one.click.at, one.click.name))
    return sum(_do(pasts[start : start + BATCH], scope, "") for start in range(0, len(pasts), BATCH))


def total(span: Span) -> int:
    """Return how many clicks there are to judge."""
    within = {"click_timestamp": ("between", [span.since, span.until - timedelta(microseconds=1)])}
    return frappe.db.count("Click Event", within | ({"tracked_link": span.link} if span.link else {}))


# ---------------------------------------------------------------- judging


def _batches(span: Span) -> Iterator[list[Past]]:
    at, name = span.since, ""
    limits = {"since": span.since, "until": span.until, "link": span.link, "limit": BATCH}
    while rows := frappe.db.sql(_BATCH, {**limits, "at": at, "name": name}, as_dict=True):
        yield _read(rows)
        at, name = rows[-1].click_timestamp, rows[-1].name
        limits["since"] = at


def _split(batch: Sequence[Past], span: Span | Scope) -> tuple[list[Change], dict[str, Ruling]]:
    """Return the changes of verdicts in a batch, and the rulings of clicks whose reason or version is not today's."""
    ranges = ip_ranges.parse_ranges(settings.load_policy().internal_ranges)
    rulings = rejudgement.judge_again([*batch, *_around(batch, span)], settings.load_rules(), ranges)
    pairs = [(one, rulings[one.click.name]) for one in batch]
    changes = [(one, ruling) for one, ruling in pairs if ruling.verdict is not one.ruling.verdict]
    same = [(one, ruling) for one, ruling in pairs if ruling.verdict is one.ruling.verdict]
    old = {o.click.name: r for o, r in same if (o.ruling.reason, o.version) != (r.reason, RULES_VERSION)}
    return changes, old


def _around(batch: Sequence[Past], span: Span | Scope) -> list[Past]:
    """Return what happened shortly before and after. What is to be judged, too, is judged with the batch."""
    names = {one.click.name for one in batch}
    window = {
        "since": batch[0].click.at - DUPLICATE_WINDOW,
        "until": batch[-1].click.at + DUPLICATE_WINDOW,
    }
    rows = [row for row in frappe.db.sql(_AROUND, window, as_dict=True) if row.name not in names]
    return _read(rows, span)


def _read(rows: Sequence[dict], span: Span | Scope | None = None) -> list[Past]:
    """Return events as records; those outside of ``span`` are fixed."""
    known = {row.name: json.loads(row.event_data or "{}") for row in rows}
    lost = [row.name for row in rows if not (row.visitor_id or known[row.name].get("visitor_id"))]
    # Before events kept it, only the queue knew who a robot would have been, for as long as its rows are kept.
    queued = (
        frappe.get_all("Click Queue", {"name": ("in", lost)}, ["name", "visitor_id"], as_list=True)
        if lost
        else ()
    )
    visitors = dict(queued)
    return [_past(row, known[row.name], visitors.get(row.name), span) for row in rows]


def _past(row: dict, data: dict, queued_visitor: str | None, span: Span | Scope | None) -> Past:
    verdict = Verdict(row.verdict)
    # Who opted out is not looked up anywhere.
    would_be = "" if verdict is Verdict.OPTED_OUT else data.get("visitor_id") or queued_visitor or ""
    click = Click(
        name=row.name, link=row.tracked_link, code=row.short_code or "", at=row.click_timestamp,
        campaign=row.campaign or "", visitor_id=row.visitor_id or would_be, ip_address=row.ip_address or "",
        user_agent=row.user_agent or "", referrer=row.referrer or "", page_url=row.page_url or "",
        destination_url=row.destination_url or "", variant=row.variant or "", rule=row.targeting_rule or "",
        language=data.get("language", ""), consent=Consent(row.consent),
        utm=Utm(**{name: row[f"utm_{name}"] or "" for name in Utm.__dataclass_fields__}),
    )  # fmt: skip
    is_fixed = span is not None and not span.covers(click)
    return Past(
        click, Ruling(verdict, row.verdict_reason or ""), row.rules_version, row.session or "",
        bool(row.is_unique), bool(row.is_campaign_unique), is_fixed,
    )  # fmt: skip


# ---------------------------------------------------------------- correcting


def _do(batch: Sequence[Past], span: Span | Scope, rejudgement_name: str) -> int:
    """Judge one batch and write what changes; return how many got another verdict."""
    for _try in range(jobs.DEADLOCK_TRIES):
        try:
            return _try_to_do(batch, span, rejudgement_name)
        except frappe.QueryDeadlockError:
            frappe.db.rollback()
    return _try_to_do(batch, span, rejudgement_name)


def _try_to_do(batch: Sequence[Past], span: Span | Scope, rejudgement_name: str) -> int:
    with jobs.read_committed():
        changes, old = _split(batch, span)
        if changes:
            changes = _locked(changes)
            _correct(changes, rejudgement_name)
        corrections.confirm(old)
    return len(changes)


def _locked(changes: Sequence[Change]) -> list[Change]:
    """Lock the visitors and events of ``changes``; return them as they stand, without those that somebody changed."""
    rulings = {one.click.name: ruling for one, ruling in changes}
    store.lock_visitors(_visitors(changes))
    event = frappe.qb.DocType("Click Event")
    query = frappe.qb.from_(event).select(*_FIELDS).where(event.name.isin(list(rulings)))
    stands = {one.click.name: one for one in _read(query.orderby(event.name).for_update().run(as_dict=True))}
    return [
        (stands[one.click.name], ruling)
        for one, ruling in changes
        if one.click.name in stands and stands[one.click.name].ruling.verdict is one.ruling.verdict
    ]


def _visitors(changes: Sequence[Change]) -> list[str]:
    """Return the visitors on whom the clicks leave a trace, before or after, in the order of locks."""
    return sorted(
        {
            one.click.visitor_id
            for one, ruling in changes
            if one.click.visitor_id and (one.ruling.verdict in _TRACED or ruling.verdict in _TRACED)
        }
    )


def _correct(changes: Sequence[Change], rejudgement_name: str) -> None:
    if not changes:
        return
    ids, times = _visitors(changes), [one.click.at for one, _ruling in changes]
    known = Known()
    if ids:
        around = min(times) - TIMEOUT, max(times) + TIMEOUT
        known = Known(
            history.lock_visitors(ids), history.sessions(ids, *around), reached=history.reached(ids)
        )
    correction = rejudgement.correct(changes, known, _heirs(changes))
    corrections.write(changes, correction, rejudgement_name)
    credit.again(ids)


def _heirs(changes: Sequence[Change]) -> dict[Pair, Heir]:
    changed, found = [one.click.name for one, _ruling in changes], {}
    for pair in rejudgement.orphans(changes):
        doctype, of, visitor = pair
        rows = frappe.db.sql(_HEIRS[doctype], {"visitor": visitor, "of": of, "changed": changed})
        for name, at, *day in rows:
            found[pair] = Heir(name, at, Day(at.date(), *day))
    return found
