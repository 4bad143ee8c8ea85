"""Click Queue: where a click lies safe from the moment it is accepted until it is an event.

The only writer of new rows. A click goes to MariaDB, else to a file in the site's private folder, else to Redis;
what went elsewhere is moved here by ``recover``. The row's name is made by the redirect and becomes
the Click Event's, so putting the same click in twice is harmless.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import frappe
from pypika.functions import Cast
from redis.exceptions import RedisError

from trackflow.domain.clicks import Click, Ruling, Verdict
from trackflow.domain.consent import Consent
from trackflow.domain.links import Utm

SPOOL_KEY = "trackflow:spool"
WAKE_KEY = "trackflow:wake"
# Longer than a drain stays at work without saying so again; a killed one is replaced after that.
WAKE_SECONDS = 30
WAKE_MEMO_SECONDS = 0.1
RECOVERY_BATCH = 500
RECOVERY_BYTES = 512 * 1024

COLUMNS = (
    "name", "owner", "modified_by", "creation", "modified", "status", "tracked_link", "click_timestamp",
    "visitor_id", "ip_address", "user_agent", "referrer", "utm_parameters", "request_data",
)  # fmt: skip
# What ``from_row`` and the counting of tries need, and no more; with it comes the time, as a text.
CLAIMED_COLUMNS = (
    "name", "tracked_link", "visitor_id", "ip_address", "user_agent", "referrer", "utm_parameters", "request_data",
    "tries",
)  # fmt: skip
# A row that grows when it is marked as processed (by 10 bytes: the moment, a longer word) does not fit into its
# place, and InnoDB rewrites half a page for each. So it brings room along, which ``ingest`` takes away then.
ROOM = " " * 16
_PLACES = f"({', '.join(['%s'] * len(COLUMNS))})"
# Put together from constants alone; the values go in as parameters.
_INSERT = "INSERT INTO `tabClick Queue` ({}) VALUES ".format(", ".join(f"`{name}`" for name in COLUMNS))
_INSERT_IGNORE = _INSERT.replace("INSERT", "INSERT IGNORE", 1)
# One question to MariaDB instead of three (Frappe's commit opens the next transaction too): half the time.
_INSERT_AND_COMMIT = f"BEGIN NOT ATOMIC {_INSERT}{_PLACES}; COMMIT; END"

# When this process last made sure that a drain is due, by site (monotonic seconds).
_woken: dict[str, float] = {}


def put(click: Click) -> None:
    """Keep ``click`` durably, then see to it that a worker looks. Raises only if all three places fail."""
    row = to_row(click)
    try:
        if frappe.db.transaction_writes:
            # Of another app's hook in this request: Frappe lets no BEGIN follow what is not committed.
            frappe.db.commit()
        # A GET is rolled back by Frappe unless it commits.
        frappe.db.sql(_INSERT_AND_COMMIT, row)
    except Exception:
        frappe.logger("trackflow").exception("MariaDB did not take a click")
        _spool(row)
    wake()


def put_along(click: Click) -> None:
    """Insert ``click`` in the caller's transaction, who commits and then calls ``wake``. Raises if MariaDB is away."""
    frappe.db.sql(_INSERT + _PLACES, to_row(click))


def wake() -> None:
    """Enqueue the drain unless one is due already: in a burst only the first click pays for the enqueuing.

    A process that has just asked Redis does not ask again for WAKE_MEMO_SECONDS. No click is forgotten by
    that, because ``answer_wake`` waits longer than that before it lets the drain look.
    """
    now = time.monotonic()
    if now - _woken.get(frappe.local.site, 0) < WAKE_MEMO_SECONDS:
        return
    try:
        if frappe.cache.set(frappe.cache.make_key(WAKE_KEY), 1, nx=True, ex=WAKE_SECONDS):
            frappe.enqueue("trackflow.ingest.run", queue="short")
        _woken[frappe.local.site] = now
    except RedisError:
        # The scheduler drains every minute, so nothing is lost by not being told.
        frappe.logger("trackflow").warning("Redis does not take the drain job")


def stay_awake() -> None:
    """Keep clicks from enqueuing a drain while one is at work."""
    try:
        frappe.cache.set(frappe.cache.make_key(WAKE_KEY), 1, ex=WAKE_SECONDS)
    except RedisError:
        frappe.logger("trackflow").warning("Redis is away; the drain goes on without it")


def answer_wake() -> None:
    """Let the next click enqueue a drain again, and wait for those that rely on this one."""
    try:
        frappe.cache.delete(frappe.cache.make_key(WAKE_KEY))
    except RedisError:
        frappe.logger("trackflow").warning("Redis is away; the drain goes on without it")
    time.sleep(2 * WAKE_MEMO_SECONDS)


def recover() -> int:
    """Move what went to Redis or to the file into Click Queue; return how many clicks."""
    return _recover_from_redis() + _recover_from_file()


def spooled() -> tuple[int, int, datetime | None]:
    """Return how many clicks wait in Redis (-1: it is away) and in the file, and when the oldest happened."""
    in_file, first_in_file = _count_file()
    try:
        in_redis, first = frappe.cache.llen(SPOOL_KEY), frappe.cache.lrange(SPOOL_KEY, 0, 0)
    except RedisError:
        in_redis, first = -1, []
    times = [_time_of(line) for line in (*first, first_in_file)]
    return in_redis, in_file, min(filter(None, times), default=None)


def _count_file() -> tuple[int, bytes]:
    """Return how many lines the file holds, and the first of them."""
    if not _is_in_file():
        return 0, b""
    number, first = 0, b""
    with _spool_path().open("rb") as file:
        for line in filter(bytes.strip, file):
            number, first = number + 1, first or line
    return number, first


def retry(names: Iterable[str] = ()) -> int:
    """Let failed clicks, all or those of ``names``, be tried again from the start; return how many."""
    queue = frappe.qb.DocType("Click Queue")
    failed = queue.status == "Failed"
    if names := list(names):
        failed &= queue.name.isin(names)
    chosen = frappe.qb.from_(queue).select(queue.name).where(failed).for_update().run(pluck=True)
    if chosen:
        again = frappe.qb.update(queue).set(queue.status, "Pending").set(queue.tries, 0)
        again.set(queue.next_try_at, None).where(queue.name.isin(chosen)).run()
        frappe.db.after_commit.add(wake)
    return len(chosen)


def to_row(click: Click) -> tuple:
    """Return the values of ``COLUMNS`` for ``click``; times as naive site time."""
    rest = {
        "code": click.code,
        "campaign": click.campaign,
        "page_url": click.page_url,
        "destination_url": click.destination_url,
        "variant": click.variant,
        "rule": click.rule,
        "language": click.language,
        "consent": click.consent.value,
        "ruling": [click.ruling.verdict.value, click.ruling.reason] if click.ruling else None,
    }
    at = click.at.isoformat(" ")
    return (
        click.name, "Guest", "Guest", at, at, "Pending", click.link, at, click.visitor_id, click.ip_address,
        click.user_agent, click.referrer, json.dumps(vars(click.utm)) + ROOM, json.dumps(rest),
    )  # fmt: skip


def from_row(row: dict) -> Click:
    """Return the click that a Click Queue row holds. Raises ValueError or KeyError if it was tampered with."""
    rest = json.loads(row["request_data"])
    ruling = rest["ruling"] and Ruling(Verdict(rest["ruling"][0]), rest["ruling"][1])
    return Click(
        name=row["name"],
        link=row["tracked_link"],
        code=rest["code"],
        at=datetime.fromisoformat(row["click_timestamp"]),
        campaign=rest["campaign"],
        visitor_id=row["visitor_id"] or "",
        ip_address=row["ip_address"] or "",
        user_agent=row["user_agent"] or "",
        referrer=row["referrer"] or "",
        page_url=rest["page_url"],
        destination_url=rest["destination_url"],
        variant=rest["variant"],
        # Rows from before there were rules lack it.
        rule=rest.get("rule", ""),
        language=rest["language"],
        consent=Consent(rest["consent"]),
        utm=Utm(**json.loads(row["utm_parameters"])),
        ruling=ruling or None,
    )


def claim(now: datetime, limit: int, names: Iterable[str] | None = None) -> list[dict]:
    """Lock and return up to ``limit`` rows that are due, oldest first; other workers' rows are skipped.

    ``names`` narrows the choice to some rows. Names sort by time, and the index on status holds them in order.
    """
    queue = frappe.qb.DocType("Click Queue")
    query = (
        frappe.qb.from_(queue)
        .select(*CLAIMED_COLUMNS, Cast(queue.click_timestamp, "CHAR").as_("click_timestamp"))
        .where(queue.status == "Pending")
        .where(queue.next_try_at.isnull() | (queue.next_try_at <= now))
        .orderby(queue.name)
        .limit(limit)
    )
    if names is not None:
        query = query.where(queue.name.isin(list(names)))
    return query.for_update(skip_locked=True).run(as_dict=True)


def _spool(row: tuple) -> None:
    line = json.dumps(row)
    try:
        with _spool_file() as file:
            # Before as well as after: the line before may have been cut off.
            file.write(b"\n" + line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        # The last resort: this Redis is a cache, which forgets all when it is stopped.
        frappe.logger("trackflow").exception("The file does not take a click")
        # Frappe's wrapper makes the key of a list itself, unlike that of a plain value.
        frappe.cache.rpush(SPOOL_KEY, line)


def _recover_from_redis() -> int:
    recovered = 0
    try:
        while lines := frappe.cache.lrange(SPOOL_KEY, 0, RECOVERY_BATCH - 1):
            _insert_spooled(lines)
            removed = _remove_from_redis(lines)
            recovered += removed
            if not removed:
                # Another worker is at them, or Redis refuses to write; either way there is nothing to do here.
                break
    except RedisError:
        frappe.logger("trackflow").warning("Redis is away; its spooled clicks are taken later")
    return recovered


def _remove_from_redis(lines: list[bytes]) -> int:
    """Remove by value and only now: two workers at the same lines do no harm, nor does a crash before this."""
    with frappe.cache.pipeline() as pipe:
        for line in lines:
            # The pipeline is Redis' own and knows nothing of Frappe's keys.
            pipe.lrem(frappe.cache.make_key(SPOOL_KEY), 1, line)
        return sum(pipe.execute())


def _recover_from_file() -> int:
    """From its end on, so that what is done can be cut off at once, however long the file is."""
    if not _is_in_file():
        return 0
    recovered = 0
    with _spool_file() as file:
        while end := file.seek(0, os.SEEK_END):
            start, lines = _last_lines(file, end)
            _insert_spooled(lines)
            file.truncate(start)
            recovered += len(lines)
    return recovered


def _last_lines(file: BinaryIO, end: int) -> tuple[int, list[bytes]]:
    """Return whole lines from the end of ``file``, RECOVERY_BYTES at most, and where they begin."""
    start = max(0, end - RECOVERY_BYTES)
    file.seek(start)
    block = file.read(end - start)
    cut = block.find(b"\n", 0, -1) + 1 if start else 0
    return start + cut, [line for line in block[cut:].splitlines() if line]


def _insert_spooled(lines: list[bytes]) -> None:
    rows = [row for row in map(_parse_line, lines) if row]
    if rows:
        values = [value for row in rows for value in row]
        frappe.db.sql(_INSERT_IGNORE + ", ".join([_PLACES] * len(rows)), values)
        # The spool is emptied next, which no rollback would undo.
        frappe.db.commit()


def _parse_line(line: bytes) -> list | None:
    """A line that was cut off by a full disk must not hold up the others; it is kept in the error log."""
    try:
        row = json.loads(line)
        if len(row) != len(COLUMNS):
            raise ValueError("wrong number of values")
    except ValueError:
        frappe.log_error("A spooled click can't be read", line.decode("utf-8", "replace"))
        return None
    return row


def _time_of(line: bytes) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads(line)[COLUMNS.index("click_timestamp")])
    except (ValueError, IndexError, TypeError):
        return None


def _spool_path() -> Path:
    return Path(frappe.get_site_path("private", "trackflow_clicks.jsonl"))


def _is_in_file() -> bool:
    return _spool_path().is_file() and _spool_path().stat().st_size > 0


@contextmanager
def _spool_file() -> Iterator[BinaryIO]:
    """Open the spool for appending, alone: writers and the one who empties it take turns."""
    with _spool_path().open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
