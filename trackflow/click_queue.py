"""Click Queue: where a click lies safe from the moment it is accepted until it is an event.

The only writer of new rows. A click goes to MariaDB, else to a file in the site's private folder, else to Redis;
what went elsewhere is moved here by ``recover``. The row's name is made by the redirect and becomes
the Click Event's, so putting the same click in twice is harmless.
"""

import json
from collections.abc import Iterable
from datetime import datetime

import frappe
from pypika.functions import Cast

from trackflow import click_spool, drain_job
from trackflow.domain.clicks import Click, Ruling, Verdict
from trackflow.domain.consent import Consent
from trackflow.domain.links import Utm

# By this index alone rows are claimed: who finds them another way holds the row and not its entry here, a worker that
# looks after it holds the entry, and then marking the row, which moves the entry, waits for that worker.
STATUS_INDEX = "idx_click_queue_status"
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
        click_spool.put(json.dumps(row))
    drain_job.wake()


def put_along(click: Click) -> None:
    """Insert ``click`` in the caller's transaction, who commits and then wakes the drain. Raises if MariaDB is away."""
    frappe.db.sql(_INSERT + _PLACES, to_row(click))


def recover() -> int:
    """Move what lies elsewhere into Click Queue; return how many clicks."""
    return click_spool.empty(_insert_lines)


def spooled() -> tuple[int, int, datetime | None]:
    """Return how many clicks wait in Redis (-1: it is away) and in the file, and when the oldest happened."""
    in_redis, in_file, first = click_spool.waiting()
    return in_redis, in_file, min(filter(None, map(_time_of, first)), default=None)


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
        frappe.db.after_commit.add(drain_job.wake)
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
        .force_index(STATUS_INDEX)
        .select(*CLAIMED_COLUMNS, Cast(queue.click_timestamp, "CHAR").as_("click_timestamp"))
        .where(queue.status == "Pending")
        .where(queue.next_try_at.isnull() | (queue.next_try_at <= now))
        .orderby(queue.name)
        .limit(limit)
    )
    if names is not None:
        query = query.where(queue.name.isin(list(names)))
    return query.for_update(skip_locked=True).run(as_dict=True)


def _insert_lines(lines: list[bytes]) -> None:
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
