"""A crowd that clicks ten times a second, written into Click Queue by SQL: a hundred thousand clicks in seconds."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import frappe
from frappe.utils import now_datetime

from benchmarks import drain
from trackflow import click_queue

CLICKS_A_SECOND = 10
# Every fourth click is that of somebody new. Of a hundred clicks, these are of people who may have come at any time
# before; the others are of those who came within the last hour.
RETURNING = 4
FROM_BEFORE = 25
_HOUR = 3600 * CLICKS_A_SECOND

# Every statement is put together from constants. Click Queue's columns, with what a click changes of them.
_TEMPLATES = """
    CREATE TEMPORARY TABLE trackflow_template (number INT PRIMARY KEY, tracked_link VARCHAR(140), utm TEXT, rest TEXT)
"""
_BROWSERS = "CREATE TEMPORARY TABLE trackflow_browser (number INT PRIMARY KEY, user_agent TEXT)"
# Who makes a click: the number of the click with which that person came, a multiple of RETURNING unless all are new.
_ANYBODY = f"{RETURNING} * FLOOR(RAND() * number / {RETURNING})"
_LATELY = f"{RETURNING} * FLOOR((number - RAND() * LEAST(number, {_HOUR})) / {RETURNING})"
_WHO = f"""
    CAST(CASE WHEN %(all_new)s OR number %% {RETURNING} = 0 THEN number
    WHEN RAND() * 100 < {FROM_BEFORE * RETURNING / (RETURNING - 1)} THEN {_ANYBODY} ELSE {_LATELY} END AS UNSIGNED)
"""
# As ``redirect`` makes names of clicks, and ``domain.visitors`` ids.
_NAME = """
    CONCAT(LOWER(LPAD(HEX(%(micros)s + click.number * 100000), 14, '0')), LEFT(MD5(click.number), 10))
"""
_VISITOR = """
    CONCAT('v_', LOWER(LPAD(HEX(%(micros)s DIV 1000 + click.who * 100), 12, '0')),
    LEFT(MD5(CONCAT(%(salt)s, click.who %% %(repeat)s)), 20))
"""
_QUEUE = f"""
    INSERT INTO `tabClick Queue` (name, owner, modified_by, creation, modified, status, tracked_link, click_timestamp,
    visitor_id, ip_address, user_agent, referrer, utm_parameters, request_data)
    SELECT {_NAME}, 'Guest', 'Guest', click.at, click.at, 'Pending', template.tracked_link, click.at, {_VISITOR},
    INET_NTOA(0x0A000000 + click.who %% (1 << 24)), browser.user_agent, '', template.utm, template.rest
    FROM (
        SELECT number, %(begin)s + INTERVAL number * 100000 MICROSECOND AS at, {_WHO} AS who
        FROM (SELECT %(first)s + seq - 1 AS number FROM seq_1_to_{{clicks}}) click LIMIT {{clicks}}
    ) click
    JOIN trackflow_template template ON template.number = click.number %% %(links)s
    JOIN trackflow_browser browser ON browser.number = click.who %% %(browsers)s
    ORDER BY click.number
"""


@dataclass(frozen=True)
class Crowd:
    """Who clicks on what. begin: when the first click was made, site time; salt: makes visitors those of this run.

    repeat: after so many clicks the same random parts of ids come again (with another time before them).
    """

    links: list[str]
    browsers: int
    begin: datetime
    salt: str
    repeat: int

    def queue(self, first: int, clicks: int, *, all_new: bool = False) -> None:
        """Put ``clicks`` clicks into Click Queue, numbered from ``first`` on; ``all_new``: nobody comes twice."""
        values = {
            "begin": self.begin, "micros": int(self.begin.timestamp() * 1_000_000), "salt": self.salt,
            "repeat": self.repeat, "first": first, "all_new": int(all_new), "links": len(self.links),
            "browsers": self.browsers,
        }  # fmt: skip
        frappe.db.sql(_QUEUE.format(clicks=clicks), values)
        frappe.db.commit()


def gather(clicks: int, repeat: int) -> Crowd:
    """Return a crowd for ``clicks`` clicks, the last an hour ago; ``repeat`` as in ``Crowd``.

    Makes links, and temporary tables with what clicks on them say and with browsers.
    """
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
    begin = now_datetime().replace(microsecond=0) - timedelta(seconds=clicks / CLICKS_A_SECOND, hours=1)
    return Crowd([link.name for link in links], len(browsers), begin, secrets.token_hex(8), repeat)


def _insert(table: str, rows: Sequence[tuple]) -> None:
    frappe.db.sql(f"INSERT INTO {table} VALUES {', '.join(['%s'] * len(rows))}", rows)
