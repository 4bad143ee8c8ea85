"""Queued clicks per second that one worker turns into events."""

import secrets
import time
from datetime import datetime, timedelta
from ipaddress import IPv4Address

import fake_useragent
import frappe
from frappe.utils import now_datetime

from benchmarks.held_back import drain_held_back
from trackflow import click_queue, ingest
from trackflow.domain.clicks import Click
from trackflow.domain.links import Utm
from trackflow.domain.visitors import SECRET_BYTES, new_visitor_id

CLICKS = 10_000
LINKS = 20
RETURNING = 4  # each visitor clicks this often on average


def run() -> dict[str, float]:
    """Fill the queue, drain it in this process, and return clicks per second and a floor.

    The floor is how fast MariaDB takes bare rows of one event's size in batches of the same size, with
    nothing decided and nothing else written.
    """
    with drain_held_back():
        names = _fill_queue()
        started = time.perf_counter()
        ingest.drain(max_seconds=3600)
        seconds = time.perf_counter() - started
    arrived = frappe.db.count("Click Event", {"name": ("in", names)})
    if arrived != len(names):
        raise RuntimeError(f"{len(names)} clicks were queued, {arrived} events arrived")
    floor = _bare_inserts()
    return {"clicks_per_second": len(names) / seconds, "floor": floor, "ratio": len(names) / seconds / floor}


def _fill_queue() -> list[str]:
    links = [make_link(number) for number in range(LINKS)]
    people = _people()
    begin = now_datetime() - timedelta(hours=1)
    clicks = [click(number, links, secrets.choice(people), begin) for number in range(CLICKS)]
    rows = list(map(click_queue.to_row, clicks))
    frappe.db.bulk_insert("Click Queue", list(click_queue.COLUMNS), rows, chunk_size=1_000)
    return [one.name for one in clicks]


def _people() -> list[dict[str, str]]:
    """Each visitor has an address and a browser, and many the same browser."""
    choice = browsers()
    return [
        {
            "visitor_id": new_visitor_id(time.time_ns() // 1_000_000, secrets.token_bytes(SECRET_BYTES)),
            "ip_address": str(IPv4Address(0x0A000000 + secrets.randbelow(1 << 24))),
            "user_agent": secrets.choice(choice),
        }
        for _ in range(CLICKS // RETURNING)
    ]


def browsers() -> list[str]:
    return [fake_useragent.UserAgent().random for _ in range(200)]


def click(number: int, links: list, person: dict[str, str], begin: datetime) -> Click:
    """Return the click of this number, ten a second from ``begin`` on."""
    link = links[number % LINKS]
    return Click(
        name=f"{time.time_ns() // 1000:014x}{secrets.token_hex(5)}",
        link=link.name,
        code=link.short_code,
        at=begin + timedelta(seconds=number / 10),
        campaign=link.campaign,
        **person,
        page_url=link.short_url,
        destination_url=link.target_url,
        utm=Utm(source="benchmark", campaign=link.campaign_id),
    )


def make_link(number: int) -> "frappe.model.document.Document":
    campaign = frappe.get_doc(
        doctype="Link Campaign", campaign_name=f"Drain {number} {frappe.generate_hash(length=6)}"
    ).insert()
    return frappe.get_doc(
        doctype="Tracked Link", destination_url=f"https://example.com/{number}", campaign=campaign.name
    ).insert()


def _bare_inserts() -> float:
    frappe.db.sql_ddl("CREATE TABLE IF NOT EXISTS trackflow_floor (name VARCHAR(140) PRIMARY KEY, body TEXT)")
    started = time.perf_counter()
    for _ in range(CLICKS // ingest.BATCH):
        values = [value for _ in range(ingest.BATCH) for value in (secrets.token_hex(12), "x" * 900)]
        places = ", ".join(["(%s, %s)"] * ingest.BATCH)
        frappe.db.sql("INSERT INTO trackflow_floor VALUES " + places, tuple(values))
        frappe.db.commit()
    rate = CLICKS / (time.perf_counter() - started)
    frappe.db.sql_ddl("DROP TABLE trackflow_floor")
    return rate
