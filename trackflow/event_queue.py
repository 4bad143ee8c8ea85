"""Visitor Event Queue: where a page view lies from the moment it is accepted until it is a Visitor Event.

A row is deleted in the transaction that writes its event, so a worker that is killed anywhere leaves it waiting and
nothing half-done. Clicks have a queue of their own, which never waits for this one.
"""

import time
from collections.abc import Collection, Sequence

import frappe

from trackflow import drain_job, jobs, outages, store
from trackflow.domain.consent import Consent
from trackflow.domain.page_views import PageView

DOCTYPE = "Visitor Event Queue"
# As in ``click_queue``: rows are claimed by this index alone.
STATUS_INDEX = "idx_visitor_event_queue_status"
BATCH = 1_000
COLUMNS = (
    "status", "timestamp", "visitor", "page_url", "title", "referrer", "ip_address", "user_agent", "consent",
)  # fmt: skip


def put(view: PageView) -> None:
    """Keep ``view`` in the caller's transaction, after whose commit a worker looks."""
    at = str(view.at)
    row = (
        view.name, at, "Pending", at, view.visitor_id, view.url, view.title, view.referrer, view.ip_address,
        view.user_agent, view.consent.value,
    )  # fmt: skip
    store.insert(DOCTYPE, COLUMNS, [row])
    frappe.db.after_commit.add(drain_job.wake)


def drain(until: float) -> int:
    """Turn what waits into events, up to the moment ``until`` (monotonic seconds); return how many were dealt with.

    Commits batch by batch. What can't be written now because MariaDB is overloaded waits for the next drain.
    """
    done = 0
    with jobs.read_committed():
        while batch := _drain_batch():
            done += batch
            if time.monotonic() > until:
                drain_job.wake()
                break
    return done


def retry(names: Collection[str] = ()) -> int:
    """Let failed page views, all or those of ``names``, be tried again; return how many."""
    failed = {"status": "Failed"} | ({"name": ("in", list(names))} if names else {})
    number = frappe.db.count(DOCTYPE, failed)
    frappe.db.set_value(DOCTYPE, failed, {"status": "Pending", "error_message": None}, update_modified=False)
    frappe.db.after_commit.add(drain_job.wake)
    return number


def _drain_batch() -> int:
    try:
        return _process_again(BATCH)
    except Exception as error:
        frappe.db.rollback()
        if outages.is_outage(error):
            frappe.logger("trackflow").exception("Page views wait for the next drain")
            return 0
    return _drain_one_by_one()


def _drain_one_by_one() -> int:
    """A row in the batch could not be processed: find it, so that it holds up none of the others."""
    names = [row["name"] for row in _claim(BATCH)]
    # Gives the locks back: each row is claimed again on its own.
    frappe.db.rollback()
    for name in names:
        try:
            _process_again(1, [name])
        except Exception as error:
            frappe.db.rollback()
            if outages.is_outage(error):
                return 0
            _note_failure(name, error)
    return len(names)


def _process_again(limit: int, names: Sequence[str] | None = None) -> int:
    for _try in range(jobs.DEADLOCK_TRIES - 1):
        try:
            return _process(limit, names)
        except frappe.QueryDeadlockError:
            # Somebody else went first; nothing is wrong with the rows.
            frappe.db.rollback()
    return _process(limit, names)


def _process(limit: int, names: Sequence[str] | None) -> int:
    rows = _claim(limit, names)
    if rows:
        store.record_page_views([_from_row(row) for row in rows])
        frappe.db.delete(DOCTYPE, {"name": ("in", [row["name"] for row in rows])})
    # The batch is the unit that is done or not done; Frappe would commit a job only as a whole.
    frappe.db.commit()
    return len(rows)


def _claim(limit: int, names: Sequence[str] | None = None) -> list[dict]:
    """Lock and return up to ``limit`` rows that wait, oldest first; other workers' rows are skipped."""
    queue = frappe.qb.DocType(DOCTYPE)
    query = frappe.qb.from_(queue).force_index(STATUS_INDEX)
    query = query.select(queue.name, *(queue[column] for column in COLUMNS))
    query = query.where(queue.status == "Pending").orderby(queue.name).limit(limit)
    if names is not None:
        query = query.where(queue.name.isin(list(names)))
    return query.for_update(skip_locked=True).run(as_dict=True)


def _from_row(row: dict) -> PageView:
    """Return the page view that a row holds. Raises ValueError if it was tampered with."""
    return PageView(
        name=row["name"],
        visitor_id=row["visitor"] or "",
        at=row["timestamp"],
        url=row["page_url"] or "",
        referrer=row["referrer"] or "",
        ip_address=row["ip_address"] or "",
        user_agent=row["user_agent"] or "",
        consent=Consent(row["consent"]),
        title=row["title"] or "",
    )


def _note_failure(name: str, error: Exception) -> None:
    values = {"status": "Failed", "error_message": f"{type(error).__name__}: {error}"[:1000]}
    frappe.db.set_value(DOCTYPE, name, values, update_modified=False)
    # The next row's failure rolls back, and this one's must stay.
    frappe.db.commit()
