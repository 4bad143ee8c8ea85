"""From Click Queue to Click Event, exactly once.

A batch is claimed, settled and written in one transaction, and a row's name becomes the event's: a worker
that is killed anywhere leaves the rows pending and nothing half-done.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import frappe
from frappe.utils import now_datetime
from frappe.utils.background_jobs import get_queue

from trackflow import click_queue, drain_job, event_queue, jobs, rulings, store
from trackflow.domain.ledger import settle

BATCH = 1_000
MAX_TRIES = 5
# Well under the 300 s after which RQ kills a job in the short queue.
RUN_SECONDS = 20
IDLE_SECONDS = 2
POLL_SECONDS = 0.5

# Without the room that ``click_queue`` kept for this, so that no row grows.
_MARK_PROCESSED = (
    "UPDATE `tabClick Queue` SET status = 'Processed', processed_at = %(at)s,"
    " utm_parameters = RTRIM(utm_parameters) WHERE name IN %(names)s"
)


def run() -> None:
    """The background job: drain, and stay for as long as more clicks come. Enqueued by the first of a burst.

    Staying saves starting a job for each handful of clicks. It ends when somebody else's job waits for a
    worker, and after RUN_SECONDS all the same; the next click enqueues it again.
    """
    started = last_click = time.monotonic()
    while time.monotonic() - started < RUN_SECONDS and time.monotonic() - last_click < IDLE_SECONDS:
        drain_job.stay_awake()
        if drain(RUN_SECONDS):
            last_click = time.monotonic()
        if _others_wait():
            break
        time.sleep(POLL_SECONDS)
    drain_job.answer_wake()
    drain(RUN_SECONDS)


def _others_wait() -> bool:
    """Say whether jobs wait in the queues, which on a small site one worker serves alone."""
    return any(get_queue(name).count for name in ("short", "default", "long"))


def drain(max_seconds: float = RUN_SECONDS) -> int:
    """Turn all due Click Queue rows into events, and then page views; return how many. Commits batch by batch.

    If time runs out, another job goes on.
    """
    click_queue.recover()
    until, done = time.monotonic() + max_seconds, 0
    seconds: set[datetime] = set()
    with jobs.read_committed():
        while batch := _drain_batch(seconds):
            done += batch
            if time.monotonic() > until:
                drain_job.wake()
                break
    _judge_again(seconds)
    return done + event_queue.drain(until)


def _judge_again(seconds: set[datetime]) -> None:
    # Corrections stand on credit, which stands on this module.
    from trackflow.corrections import bursts

    bursts.judge_again(seconds)


def _drain_batch(seconds: set[datetime]) -> int:
    """Process one batch; return how many rows were dealt with (also those that failed).

    ``seconds`` takes in those in which the clicks happened.
    """
    for _try in range(jobs.DEADLOCK_TRIES):
        try:
            return _process(BATCH, seconds=seconds)
        except frappe.QueryDeadlockError:
            # Somebody else went first; nothing is wrong with the rows.
            frappe.db.rollback()
        except Exception:
            frappe.db.rollback()
            break
    return _drain_one_by_one(seconds)


def _process(limit: int, names: Sequence[str] | None = None, seconds: set[datetime] | None = None) -> int:
    rows = click_queue.claim(now_datetime(), limit, names)
    if rows:
        clicks = rulings.apply([click_queue.from_row(row) for row in rows])
        store.write(settle(clicks, store.load_known(clicks)))
        _mark_processed([row["name"] for row in rows])
        if seconds is not None:
            seconds.update(click.at.replace(microsecond=0) for click in clicks)
    # The batch is the unit that is done or not done; Frappe would commit a job only as a whole.
    frappe.db.commit()
    return len(rows)


def _mark_processed(names: Sequence[str]) -> None:
    frappe.db.sql(_MARK_PROCESSED, {"at": now_datetime(), "names": tuple(names)})


def _drain_one_by_one(seconds: set[datetime]) -> int:
    """A row in the batch could not be processed: find it, so that it holds up none of the others."""
    rows = click_queue.claim(now_datetime(), BATCH)
    # Gives the locks back: each row is claimed again on its own.
    frappe.db.rollback()
    for row in rows:
        try:
            _process(1, [row["name"]], seconds)
        except Exception as error:
            frappe.db.rollback()
            _note_failure(row, error)
    return len(rows)


def _note_failure(row: dict, error: Exception) -> None:
    tries = (row["tries"] or 0) + 1
    values = {
        "tries": tries,
        "error_message": f"{type(error).__name__}: {error}"[:1000],
        "status": "Failed" if tries >= MAX_TRIES else "Pending",
        "next_try_at": now_datetime() + _delay(tries),
    }
    frappe.db.set_value("Click Queue", row["name"], values, update_modified=False)
    # The next row's failure rolls back, and this one's count must stay.
    frappe.db.commit()


def _delay(tries: int) -> timedelta:
    """10 s, 40 s, 160 s, ...: long enough to outlast a restart of the database."""
    return timedelta(seconds=10 * 4 ** (tries - 1))


def backlog() -> dict[str, int | datetime | None]:
    """Return how many clicks are ``pending`` and ``failed``, and since when the ``oldest`` waits (site time)."""
    rows = dict(
        frappe.db.sql(
            "SELECT status, COUNT(*) FROM `tabClick Queue` WHERE status != 'Processed' GROUP BY status"
        )
    )
    oldest = frappe.db.get_value("Click Queue", {"status": "Pending"}, "click_timestamp", order_by="name asc")
    return {"pending": rows.get("Pending", 0), "failed": rows.get("Failed", 0), "oldest": oldest}
