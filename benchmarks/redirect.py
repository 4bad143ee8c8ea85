"""Redirects per second, as a ratio to Frappe's own ping on the same server in the same minute."""

import statistics

import frappe

from benchmarks.held_back import drain_held_back
from benchmarks.load import requests_per_second
from trackflow import ingest

ROUNDS = 12
REQUESTS = 800
CONNECTIONS = 8
# Every request is a new visitor: no cookie comes along. A phone's browser, since most clicks are made on one.
HEADERS = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.5 Mobile/15E148 Safari/604.1"
}


def run(url: str) -> dict[str, float]:
    """Measure ping and redirect in turns; return the medians of the rounds.

    ``ratio`` is the redirect's alone, while the queued clicks wait. ``ratio_with_drain`` has the worker turn
    them into events at the same time, on the same cores.
    """
    link = _make_link()
    ping, short = f"{url}/api/method/ping", f"{url}/r/{link.short_code}"
    for path, status in ((ping, 200), (short, 302)):
        requests_per_second(path, REQUESTS // 4, CONNECTIONS, status, HEADERS)
    with drain_held_back():
        alone = _rounds(ping, short)
    ingest.drain()
    print("  and with the drain at work:")
    drained = _rounds(ping, short)
    return {
        "ping": statistics.median(floor for floor, _ in alone),
        "redirect": statistics.median(rate for _, rate in alone),
        "ratio": statistics.median(rate / floor for floor, rate in alone),
        "ratio_with_drain": statistics.median(rate / floor for floor, rate in drained),
        "clicks": REQUESTS // 4 + 2 * ROUNDS * REQUESTS,
        "link": link.name,
    }


def _rounds(ping: str, short: str) -> list[tuple[float, float]]:
    rounds = []
    for number in range(ROUNDS):
        floor = requests_per_second(ping, REQUESTS, CONNECTIONS, 200, HEADERS)
        rate = requests_per_second(short, REQUESTS, CONNECTIONS, 302, HEADERS)
        rounds.append((floor, rate))
        print(
            f"  round {number + 1}: ping {floor:6.0f}/s   redirect {rate:6.0f}/s   ratio {rate / floor:.2f}"
        )
    return rounds


def _make_link() -> "frappe.model.document.Document":
    campaign = frappe.get_doc(
        doctype="Link Campaign",
        campaign_name=f"Benchmark {frappe.generate_hash(length=6)}",
        source="benchmark",
    ).insert()
    link = frappe.get_doc(
        doctype="Tracked Link", destination_url="https://example.com/landing?page=1", campaign=campaign.name
    ).insert()
    # The web server is another process and sees only what is committed.
    frappe.db.commit()
    return link
