"""Whether clicks get through: what waits, since when, and what should be at work but is not."""

from datetime import datetime

import frappe
from frappe.utils import now_datetime
from frappe.utils.background_jobs import get_queue
from frappe.utils.scheduler import is_scheduler_inactive
from redis.exceptions import RedisError
from rq import Worker

from trackflow import click_queue, ingest

# Longer than Frappe 16's scheduler sleeps, which takes up what a lost job left.
LATE_SECONDS = 300


def problems() -> list[str]:
    """Return what keeps clicks from getting through, of ``redis_away``, ``no_worker``, ``scheduler_off`` and
    ``clicks_late``. It asks nothing that takes long, whatever the backlog, so that anybody may ask.
    """
    workers = _workers()
    found = {
        "redis_away": workers is None,
        "no_worker": workers == 0,
        "scheduler_off": is_scheduler_inactive(verbose=False),
        "clicks_late": oldest_seconds() > LATE_SECONDS,
    }
    return [word for word, is_so in found.items() if is_so]


def report() -> dict[str, str | int | bool | list[str] | datetime | None]:
    """Return what an administrator wants to know. Ages are seconds, times naive site time.

    What Redis alone knows is None while it is away.
    """
    found, backlog = problems(), ingest.backlog()
    in_redis, in_file, _oldest = click_queue.spooled()
    return {
        "status": status(found),
        "problems": found,
        "pending": backlog["pending"],
        "failed": backlog["failed"],
        "oldest_pending_seconds": oldest_seconds(),
        "spooled_in_redis": None if in_redis < 0 else in_redis,
        "spooled_in_file": in_file,
        "workers": _workers(),
        "scheduler_active": "scheduler_off" not in found,
        "last_processed": _last_processed(),
    }


def status(found: list[str]) -> str:
    return "degraded" if found else "ok"


def oldest_seconds() -> int:
    """Return for how long the oldest click waits that nobody has tried yet, wherever it lies; 0 if none does.

    A click that failed and is to be tried again does not wait for us, but for its cause to go away.
    """
    untried = {"status": "Pending", "tries": 0}
    queued = frappe.db.get_value("Click Queue", untried, "click_timestamp", order_by="name asc")
    oldest = min(filter(None, (queued, click_queue.spooled()[2])), default=None)
    return max(0, int((now_datetime() - oldest).total_seconds())) if oldest else 0


def _workers() -> int | None:
    """Return how many workers serve the queue of the drain, or None if Redis does not say."""
    try:
        queue = get_queue("short")
        return Worker.count(connection=queue.connection, queue=queue)
    except RedisError:
        return None


def _last_processed() -> datetime | None:
    return frappe.db.get_value("Click Queue", {"status": "Processed"}, "processed_at", order_by="name desc")
