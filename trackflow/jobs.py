"""Background jobs: asked for often and run once, and getting along with others at the same rows."""

import functools
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import frappe
from frappe.utils import cint
from redis.exceptions import RedisError

# A job that was lost with its queue is asked for again after this.
WAITING_SECONDS = 600
DEADLOCK_TRIES = 5


def enqueue_after_commit(method: str, *, queue: str = "short", **kwargs: str) -> None:
    """Run ``method`` with ``kwargs`` in the background once the transaction is committed.

    Nothing is enqueued while the same job still waits, if the job says ``begin`` first of all. Without Redis
    nothing is enqueued at all, and nothing fails: what the job would have done is caught up with hourly.
    """
    frappe.db.after_commit.add(lambda: _enqueue(method, queue, kwargs))


def is_waiting(method: str, **kwargs: str) -> bool:
    """Say whether a job has been asked for that has not begun."""
    return bool(frappe.cache.get(_key(method, kwargs)))


def begin(method: str, **kwargs: str) -> None:
    """Let the job be enqueued again. Called before it reads anything, so that no change goes unseen."""
    try:
        frappe.cache.delete(_key(method, kwargs))
    except RedisError:
        frappe.logger("trackflow").warning(f"Redis is away; {method} goes on without it")


def retried(work: Callable[..., None]) -> Callable[..., None]:
    """Let ``work``, which can be done again, begin anew when MariaDB chose it to end a deadlock."""

    @functools.wraps(work)
    def wrapper(*args: object, **kwargs: object) -> None:
        for _try in range(DEADLOCK_TRIES - 1):
            try:
                return work(*args, **kwargs)
            except frappe.QueryDeadlockError:
                # Somebody else went first; nothing is wrong with the work.
                frappe.db.rollback()
        return work(*args, **kwargs)

    return wrapper


@contextmanager
def read_committed() -> Iterator[None]:
    """Let each statement see what other workers have committed by then, not a snapshot of the beginning.

    A transaction of its own: what was done before is committed first, and what is done within at the end,
    unless it fails.
    """
    frappe.db.sql("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    frappe.db.commit()
    try:
        yield
        # The locks go before the isolation that they were made for.
        frappe.db.commit()
    finally:
        frappe.db.rollback()
        frappe.db.sql("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")


@contextmanager
def alone(name: str, seconds: int = 10) -> Iterator[bool]:
    """Say whether nobody else is at work on ``name``, for whose end this waits up to ``seconds``.

    No row is locked for it, so nobody who saves something waits. The lock goes with the connection, whatever
    becomes of it.
    """
    lock = hashlib.sha256(f"{frappe.conf.db_name}\n{name}".encode()).hexdigest()[:60]
    ((got,),) = frappe.db.sql("SELECT GET_LOCK(%s, %s)", (lock, seconds))
    try:
        yield bool(cint(got))
    finally:
        if cint(got):
            frappe.db.sql("SELECT RELEASE_LOCK(%s)", lock)


@contextmanager
def without_waiting() -> Iterator[None]:
    """Let statements fail at once with QueryTimeoutError where they would wait for somebody's lock.

    So a statement can't be chosen to end a deadlock either, which would undo all of the transaction.
    """
    frappe.db.sql("SET SESSION lock_wait_timeout = 0, innodb_lock_wait_timeout = 0")
    try:
        yield
    finally:
        frappe.db.sql("SET SESSION lock_wait_timeout = DEFAULT, innodb_lock_wait_timeout = DEFAULT")


def _enqueue(method: str, queue: str, kwargs: dict[str, str]) -> None:
    try:
        if frappe.cache.set(_key(method, kwargs), 1, nx=True, ex=WAITING_SECONDS):
            frappe.enqueue(method, queue=queue, **kwargs)
    except Exception:
        frappe.logger("trackflow").exception(f"{method} could not be enqueued for {kwargs}")


def _key(method: str, kwargs: dict[str, str]) -> bytes:
    return frappe.cache.make_key(f"trackflow:waiting:{method}:{sorted(kwargs.items())}")
