"""A million clicks through one worker: is it as quick, and as small, at the end as at the beginning?

``report`` drains them all, which takes about six minutes where nothing else runs: make bench ARGS=long. ``report_filled``
copies most of them into the tables instead, and takes about three: make bench ARGS=filled
"""

import resource
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import frappe

from benchmarks import copies, crowd
from benchmarks.crowd import CLICKS_A_SECOND, Crowd
from benchmarks.held_back import drain_held_back
from trackflow import ingest

CLICKS = 1_000_000
CHUNK = 100_000
# Of ``report_filled``: clicks of a crowd of which many come again, then as many of people who never do.
PART = 50_000
# So many clicks wait at a time; a queue of a hundred thousand would take a third of the local bench's memory for itself.
STEP = 10_000
# On a machine with other work it ends after this, and says how far it came.
MOST_SECONDS = 15 * 60
_STATUS = (
    "SHOW GLOBAL STATUS WHERE Variable_name IN"
    " ('Innodb_os_log_written', 'Innodb_buffer_pool_reads', 'Innodb_data_written')"
)


class Chunk(NamedTuple):
    """rate: clicks a second; memory: this process' peak so far in MB. Of 1,000 clicks: seconds of processor time here
    (cpu) and in MariaDB (0: it runs elsewhere), megabytes of its redo log and of all that it wrote, pages read from disk.
    """

    rate: float
    memory: float
    cpu: float
    server_cpu: float
    redo: float
    written: float
    pages_read: float

    def __str__(self) -> str:
        server = f" + {self.server_cpu:.3f} in MariaDB" if self.server_cpu else ""
        return (
            f"{self.rate:5.0f}/s, {self.memory:.1f} MB; for 1,000 clicks {self.cpu:.3f} s of processor time{server},"
            f" {self.redo:.1f} MB of redo log, {self.written:.1f} MB written, {self.pages_read:.0f} pages read"
        )


def report() -> None:
    _print_title(f"Drain of {CLICKS:,} clicks")
    chunks = run()
    first, last = chunks[0], chunks[-1]
    print(
        f"  the last {CHUNK:,} of {len(chunks) * CHUNK:,}: {last.rate:.0f} clicks/s, {last.rate / first.rate:.2f} of the"
        " first ones"
    )
    print(f"  worker's memory at its peak: first {first.memory:.1f} MB, last {last.memory:.1f} MB")


def run() -> list[Chunk]:
    """Drain CLICKS clicks in this process; return what each chunk took, without the filling of the queue.

    Raises RuntimeError if clicks were lost or doubled.
    """
    started, chunks = time.monotonic(), []
    with drain_held_back(seconds=MOST_SECONDS + 600):
        ingest.drain(max_seconds=600)
        people = crowd.gather(CLICKS, repeat=CLICKS)
        while len(chunks) * CHUNK < CLICKS and time.monotonic() - started < MOST_SECONDS:
            chunks.append(_drain(people, len(chunks) * CHUNK, CHUNK))
            print(f"  {len(chunks) * CHUNK:>9,}: {chunks[-1]}", flush=True)
        _check_arrived(people, len(chunks) * CHUNK)
    return chunks


def report_filled() -> None:
    _print_title(f"Drain into empty tables, and into tables with {CLICKS:,} clicks")
    with drain_held_back(seconds=MOST_SECONDS):
        ingest.drain(max_seconds=600)
        people = crowd.gather(CLICKS + 2 * PART, repeat=2 * PART)
        empty = _drain_parts(people, 0)
        started = time.perf_counter()
        copies.make(people.links, CLICKS // (2 * PART) - 1, timedelta(seconds=2 * PART / CLICKS_A_SECOND))
        print(f"  {CLICKS:,} clicks are there (copied in {time.perf_counter() - started:.0f} s)", flush=True)
        full = _drain_parts(people, CLICKS)
        _check_arrived(people, CLICKS + 2 * PART)
    for kind, before, after in zip(("many come again", "all are new"), empty, full, strict=True):
        print(
            f"  {kind}: {after.rate:.0f} clicks/s, {after.rate / before.rate:.2f} of those into empty tables"
        )


def _drain_parts(people: Crowd, first: int) -> list[Chunk]:
    chunks = []
    for number, all_new in enumerate((False, True)):
        chunks.append(_drain(people, first + number * PART, PART, all_new=all_new))
        print(f"  {first + (number + 1) * PART:>9,}: {chunks[-1]}", flush=True)
    return chunks


def _print_title(what: str) -> None:
    size = frappe.db.sql("SELECT @@innodb_buffer_pool_size")[0][0] / 1024**2
    print(f"{what} (one worker, MariaDB with {size:.0f} MB of memory for its tables)", flush=True)


def _drain(people: Crowd, first: int, clicks: int, *, all_new: bool = False) -> Chunk:
    """Let ``people`` click, and drain each STEP of their clicks; what is measured is the draining alone."""
    taken = [0.0] * len(_now())
    for start in range(first, first + clicks, STEP):
        people.queue(start, STEP, all_new=all_new)
        before = _now()
        done = ingest.drain(max_seconds=3600)
        taken = [sum_ + after - since for sum_, after, since in zip(taken, _now(), before, strict=True)]
        if done != STEP:
            raise RuntimeError(f"{STEP} clicks were queued, {done} were drained")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Chunk(clicks / taken[0], memory, *(value / clicks * 1000 for value in taken[1:]))


def _now() -> tuple[float, ...]:
    """Return what grows: seconds of wall time, of processor time here and in MariaDB (0: it runs elsewhere), megabytes of
    its redo log and of all that it wrote, pages it read.
    """
    status = {name: int(value) for name, value in frappe.db.sql(_STATUS)}
    return (
        time.perf_counter(),
        time.process_time(),
        _server_cpu(),
        status["Innodb_os_log_written"] / 1024**2,
        status["Innodb_data_written"] / 1024**2,
        status["Innodb_buffer_pool_reads"],
    )


def _server_cpu() -> float:
    """Return the seconds of processor time that MariaDB has taken, or 0 if it does not run on this machine."""
    ((file,),) = frappe.db.sql("SELECT @@pid_file")
    with suppress(OSError):
        fields = Path(f"/proc/{Path(file).read_text().strip()}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100
    return 0


def _check_arrived(people: Crowd, clicks: int) -> None:
    arrived = frappe.db.count("Click Event", {"tracked_link": ("in", people.links)})
    if arrived != clicks:
        raise RuntimeError(f"{clicks} clicks were queued, {arrived} events arrived")
