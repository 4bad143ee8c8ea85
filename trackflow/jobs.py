"""Background jobs that need to run once, however often they are asked for before they begin."""

import frappe
from redis.exceptions import RedisError

# A job that was lost with its queue is asked for again after this.
WAITING_SECONDS = 600


def enqueue_after_commit(method: str, **kwargs: str) -> None:
    """Run ``method`` with ``kwargs`` in the background once the transaction is committed.

    Nothing is enqueued while the same job still waits, if the job says ``begin`` first of all. Without Redis
    nothing is enqueued at all, and nothing fails: what the job would have done is caught up with hourly.
    """
    frappe.db.after_commit.add(lambda: _enqueue(method, kwargs))


def begin(method: str, **kwargs: str) -> None:
    """Let the job be enqueued again. Called before it reads anything, so that no change goes unseen."""
    try:
        frappe.cache.delete(_key(method, kwargs))
    except RedisError:
        frappe.logger("trackflow").warning(f"Redis is away; {method} goes on without it")


def _enqueue(method: str, kwargs: dict[str, str]) -> None:
    try:
        if frappe.cache.set(_key(method, kwargs), 1, nx=True, ex=WAITING_SECONDS):
            frappe.enqueue(method, queue="short", **kwargs)
    except Exception:
        frappe.logger("trackflow").exception(f"{method} could not be enqueued for {kwargs}")


def _key(method: str, kwargs: dict[str, str]) -> bytes:
    return frappe.cache.make_key(f"trackflow:waiting:{method}:{sorted(kwargs.items())}")
