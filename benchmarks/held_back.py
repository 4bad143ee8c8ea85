"""Keep the site's own workers off the queue while something else is measured."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe.utils.scheduler import toggle_scheduler

from trackflow import drain_job, ingest


@contextmanager
def drain_held_back(seconds: int = 600) -> Iterator[None]:
    """Let everybody believe, for ``seconds`` at most, that a drain is under way, and the scheduler rest."""
    toggle_scheduler(False)
    frappe.db.commit()
    frappe.cache.set(frappe.cache.make_key(drain_job.WAKE_KEY), 1, ex=seconds)
    time.sleep(2 * ingest.IDLE_SECONDS)  # for a drain that was at work already
    frappe.cache.set(frappe.cache.make_key(drain_job.WAKE_KEY), 1, ex=seconds)
    try:
        yield
    finally:
        toggle_scheduler(True)
        frappe.db.commit()
        drain_job.answer_wake()
