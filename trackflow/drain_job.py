"""Whether the background job that drains the queues is due: asked for by the first of a burst, not by each.

What waits is drained every minute all the same, so nothing is lost where Redis does not take the job.
"""

import time

import frappe
from redis.exceptions import RedisError

WAKE_KEY = "trackflow:wake"
# Longer than a drain stays at work without saying so again; a killed one is replaced after that.
WAKE_SECONDS = 30
WAKE_MEMO_SECONDS = 0.1

# When this process last made sure that a drain is due, by site (monotonic seconds).
_woken: dict[str, float] = {}


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
