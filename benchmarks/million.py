"""A million clicks through one worker: is it as quick, and as small, at the end as at the beginning?

Takes about six minutes where nothing else runs: make bench ARGS=long
"""

import resource
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import frappe
from frappe.utils import now_datetime

from benchmarks import drain
from benchmarks.held_back import drain_held_back
from trackflow import click_queue, ingest

CLICKS = 1_000_000
CHUNK = 100_000
# Each visitor clicks this often on average.
RETURNING = 4
# Of a hundred clicks, those of visitors who may have come at any time before; the others are of this chunk's own.
FROM_BEFORE = 25
CLICKS_A_SECOND = 10
# On a machine with other work it ends after this, and says how far it came.
MOST_SECONDS = 15 * 60

# Every statement is put together from constants. Click Queue's columns, with what a click changes of them.
_TEMPLATES = """
    CREATE TEMPORARY TABLE trackflow_template (number INT PRIMARY KEY, tracked_link VARCHAR(140), utm TEXT, rest TEXT)
"""
_BROWSERS = "CREATE TEMPORARY TABLE trackflow_browser (number INT PRIMARY KEY, user_agent TEXT)"
_QUEUE = """
    INSERT INTO `tabClick Queue` (name, owner, modified_by, creation, modified, status, tracked_link, click_timestamp,
    visitor_id, ip_address, user_agent, referrer, utm_parameters, request_data)
    SELECT CONCAT(LPAD(HEX(%(micros)s + click.seq * 100000), 14, '0'), LEFT(MD5(click.seq), 10)), 'Guest', 'Guest',
    click.at, click.at, 'Pending', template.tracked_link, click.at, CONCAT('v_', MD5(CONCAT(%(salt)s, click.visitor))),
    INET_NTOA(0x0A000000 + click.visitor), browser.user_agent, '', template.utm, template.rest
    FROM (
        SELECT seq, %(begin)s + INTERVAL seq * 100000 MICROSECOND AS at,
        IF(RAND() * 100 < %(before)s, FLOOR(RAND() * (%(first)s + %(people)s)), %(first)s + FLOOR(RAND() * %(people)s))
        AS visitor FROM seq_1_to_{chunk}
    ) click
    JOIN trackflow_template template ON template.number = click.seq %% %(links)s
    JOIN trackflow_browser browser ON browser.number = click.visitor %% %(browsers)s
    ORDER BY click.seq
""".replace("{chunk}", str(CHUNK))


class Chunk(NamedTuple):
    """rate: clicks a second; cpu: seconds of this process' time for 1,000 clicks; memory: its peak so far in MB."""

    rate: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class _Crowd:
    """Who clicks on what. begin: when the first click was made; salt: makes their ids those of this run."""

    links: list[str]
    browsers: int
    begin: datetime
    salt: str

    def queue(self, number: int) -> None:
        """Put one chunk of clicks into Click Queue."""
        begin = self.begin + timedelta(seconds=number * CHUNK / CLICKS_A_SECOND)
        people = CHUNK // RETURNING
        values = {
            "begin": begin, "micros": int(begin.timestamp() * 1_000_000), "salt": self.salt, "before": FROM_BEFORE,
            "first": number * people, "people": people, "links": len(self.links), "browsers": self.browsers,
        }  # fmt: skip
        frappe.db.sql(_QUEUE, values)
        frappe.db.commit()


def report() -> None:
    size = frappe.db.sql("SELECT @@innodb_buffer_pool_size")[0][0] / 1024**2
    print(f"Drain of {CLICKS:,} clicks (one worker, MariaDB with {size:.0f} MB of memory for its tables)")
    chunks = run()
    first, last = chunks[0], chunks[-1]
    print(
        f"  the last {CHUNK:,} of {len(chunks) * CHUNK:,}: {last.rate:.0f} clicks/s, {last.rate / first.rate:.2f} of the"
        " first ones"
    )
    print(f"  worker's processor time per 1,000 clicks: first {first.cpu:.3f} s, last {last.cpu:.3f} s")
    print(f"  worker's memory at its peak: first {first.memory:.1f} MB, last {last.memory:.1f} MB")


def run() -> list[Chunk]:
    """Drain CLICKS clicks in this process; return what each chunk took, without the filling of the queue.

    Raises RuntimeError if clicks were lost or doubled.
    """
    started, chunks = time.monotonic(), []
    with drain_held_back(seconds=MOST_SECONDS + 600):
        ingest.drain(max_seconds=600)
        crowd = _gather()
        while len(chunks) * CHUNK < CLICKS and time.monotonic() - started < MOST_SECONDS:
            crowd.queue(len(chunks))
            chunks.append(_drain_chunk())
            print(
                f"  {len(chunks) * CHUNK:>9,}: {chunks[-1].rate:5.0f}/s, {chunks[-1].memory:.1f} MB",
                flush=True,
            )
        arrived = frappe.db.count("Click Event", {"tracked_link": ("in", crowd.links)})
    if arrived != len(chunks) * CHUNK:
        raise RuntimeError(f"{len(chunks) * CHUNK} clicks were queued, {arrived} events arrived")
    return chunks


def _gather() -> _Crowd:
    """Make links, and temporary tables with what clicks on them say and with browsers."""
    links = [drain.make_link(number) for number in range(drain.LINKS)]
    person = {"visitor_id": "", "ip_address": "", "user_agent": ""}
    rows = [
        click_queue.to_row(drain.click(number, links, person, now_datetime())) for number in range(len(links))
    ]
    browsers = drain.browsers()
    frappe.db.commit()
    for statement in (_TEMPLATES, _BROWSERS):
        frappe.db.sql(statement)
    _insert("trackflow_template", [(number, row[6], *row[-2:]) for number, row in enumerate(rows)])
    _insert("trackflow_browser", list(enumerate(browsers)))
    # The last click lies an hour back.
    begin = now_datetime().replace(microsecond=0) - timedelta(seconds=CLICKS / CLICKS_A_SECOND, hours=1)
    return _Crowd([link.name for link in links], len(browsers), begin, secrets.token_hex(8))


def _insert(table: str, rows: Sequence[tuple]) -> None:
    frappe.db.sql(f"INSERT INTO {table} VALUES {', '.join(['%s'] * len(rows))}", rows)


def _drain_chunk() -> Chunk:
    wall, cpu = time.perf_counter(), time.process_time()
    done = ingest.drain(max_seconds=3600)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if done != CHUNK:
        raise RuntimeError(f"{CHUNK} clicks were queued, {done} were drained")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Chunk(CHUNK / wall, cpu / CHUNK * 1000, memory)
