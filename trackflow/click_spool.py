"""Where clicks lie while MariaDB does not take them: in a file of the site's private folder, else in Redis.

A click is a line here; what stands in it is ``click_queue``'s business.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import frappe
from redis.exceptions import RedisError

KEY = "trackflow:spool"
BATCH = 500
BATCH_BYTES = 512 * 1024


def put(line: str) -> None:
    """Keep ``line``, which holds no line break. Raises RedisError if neither place takes it."""
    try:
        with _file() as file:
            # Before as well as after: the line before may have been cut off.
            file.write(b"\n" + line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        # The last resort: this Redis is a cache, which forgets all when it is stopped.
        frappe.logger("trackflow").exception("The file does not take a click")
        # Frappe's wrapper makes the key of a list itself, unlike that of a plain value.
        frappe.cache.rpush(KEY, line)


def empty(take: Callable[[list[bytes]], None]) -> int:
    """Hand over what waits, some hundred lines at a time, and forget what ``take`` has taken; return how many lines.

    After a crash lines are handed over again, so taking them twice must do no harm.
    """
    return _empty_redis(take) + _empty_file(take)


def waiting() -> tuple[int, int, list[bytes]]:
    """Return how many lines wait in Redis (-1: it is away) and in the file, and the first of each that has any."""
    in_file, first_in_file = _count_file()
    try:
        in_redis, first = frappe.cache.llen(KEY), frappe.cache.lrange(KEY, 0, 0)
    except RedisError:
        in_redis, first = -1, []
    return in_redis, in_file, [*first, *([first_in_file] if first_in_file else [])]


def path() -> Path:
    """Return where the file is, if there is one."""
    return Path(frappe.get_site_path("private", "trackflow_clicks.jsonl"))


def _count_file() -> tuple[int, bytes]:
    """Return how many lines the file holds, and the first of them."""
    if not _is_in_file():
        return 0, b""
    number, first = 0, b""
    with path().open("rb") as file:
        for line in filter(bytes.strip, file):
            number, first = number + 1, first or line
    return number, first


def _empty_redis(take: Callable[[list[bytes]], None]) -> int:
    taken = 0
    try:
        while lines := frappe.cache.lrange(KEY, 0, BATCH - 1):
            take(lines)
            removed = _remove_from_redis(lines)
            taken += removed
            if not removed:
                # Another worker is at them, or Redis refuses to write; either way there is nothing to do here.
                break
    except RedisError:
        frappe.logger("trackflow").warning("Redis is away; what is spooled there is taken later")
    return taken


def _remove_from_redis(lines: list[bytes]) -> int:
    """Remove by value and only now: two workers at the same lines do no harm, nor does a crash before this."""
    with frappe.cache.pipeline() as pipe:
        for line in lines:
            # The pipeline is Redis' own and knows nothing of Frappe's keys.
            pipe.lrem(frappe.cache.make_key(KEY), 1, line)
        return sum(pipe.execute())


def _empty_file(take: Callable[[list[bytes]], None]) -> int:
    """From its end on, so that what is done can be cut off at once, however long the file is."""
    if not _is_in_file():
        return 0
    taken = 0
    with _file() as file:
        while end := file.seek(0, os.SEEK_END):
            start, lines = _last_lines(file, end)
            take(lines)
            file.truncate(start)
            taken += len(lines)
    return taken


def _last_lines(file: BinaryIO, end: int) -> tuple[int, list[bytes]]:
    """Return whole lines from the end of ``file``, BATCH_BYTES at most, and where they begin."""
    start = max(0, end - BATCH_BYTES)
    file.seek(start)
    block = file.read(end - start)
    cut = block.find(b"\n", 0, -1) + 1 if start else 0
    return start + cut, [line for line in block[cut:].splitlines() if line]


def _is_in_file() -> bool:
    return path().is_file() and path().stat().st_size > 0


@contextmanager
def _file() -> Iterator[BinaryIO]:
    """Open the spool for appending, alone: writers and the one who empties it take turns."""
    with path().open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
