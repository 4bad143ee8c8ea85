"""Redirects per second, as a ratio to Frappe's own ping on the same server in the same minute."""

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path

import frappe
from frappe.model.document import Document
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from benchmarks.held_back import drain_held_back
from benchmarks.load import requests_per_second
from trackflow import ingest

ROUNDS = 12
REQUESTS = 800
CONNECTIONS = 8
FEATURES = "rules, variants, forwarding, macros"
# A phone's browser, since most clicks are made on one.
_BROWSER = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.5 Mobile/15E148 Safari/604.1",
    "Accept-Language": "de-AT,de;q=0.9,en;q=0.5",
}
# None of these takes the visitor, so all of them are looked at.
_RULES = (
    {"device": "Desktop"},
    {"os": "Android"},
    {"language": "fr, it"},
    {"country": "FR, IT"},
    {"query_parameter": "partner", "query_value": "x"},
    {"address_range": "198.51.100.0/24"},
    {"device": "Mobile", "from_date": "2020-01-01", "until_date": "2021-01-01"},
    {"device": "Mobile", "language": "de", "country": "DE"},
)


def run(url: str) -> dict[str, float]:
    """Measure ping and redirects in turns; return the medians of the rounds.

    ``ratio`` is that of a plain link, ``ratio_full`` that of a link with FEATURES, while the queued clicks wait;
    ``ratio_with_drain`` has the worker turn the plain link's into events at the same time, on the same cores.
    """
    with _countries():
        plain, full = _make_link(), _make_full_link()
        # The web server is another process and sees only what is committed.
        frappe.db.commit()
        ping = f"{url}/api/method/ping"
        paths = [f"{url}/r/{plain.short_code}", f"{url}/r/{full.short_code}?color=red&ref=friend"]
        for path in (ping, *paths):
            _rate(path, 200 if path == ping else 302, REQUESTS // 4)
        with drain_held_back():
            alone = _rounds(ping, paths)
        ingest.drain()
        print("  and with the drain at work:")
        drained = _rounds(ping, paths[:1])
    return {
        "ping": statistics.median(floor for floor, _ in alone),
        "redirect": statistics.median(rates[0] for _, rates in alone),
        "ratio": statistics.median(rates[0] / floor for floor, rates in alone),
        "ratio_full": statistics.median(rates[1] / floor for floor, rates in alone),
        "ratio_with_drain": statistics.median(rates[0] / floor for floor, rates in drained),
        "clicks": 2 * (REQUESTS // 4) + 3 * ROUNDS * REQUESTS,
        "links": [plain.name, full.name],
    }


def _rate(url: str, expected: int, requests: int = REQUESTS) -> float:
    return requests_per_second(url, requests, CONNECTIONS, expected, _visitor)


def _visitor(number: int) -> dict[str, str]:
    """Every request is a new visitor: no cookie comes along, and each has an address of its own."""
    return _BROWSER | {"X-Forwarded-For": str(IPv4Address(0xCB007100 + number % 65_536))}


def _rounds(ping: str, paths: list[str]) -> list[tuple[float, list[float]]]:
    rounds = []
    for number in range(ROUNDS):
        floor, rates = _rate(ping, 200), [_rate(path, 302) for path in paths]
        rounds.append((floor, rates))
        shown = "   ".join(f"{rate:6.0f}/s {rate / floor:.2f}" for rate in rates)
        print(f"  round {number + 1}: ping {floor:6.0f}/s   redirect {shown}", flush=True)
    return rounds


@contextmanager
def _countries() -> Iterator[None]:
    """Let the site have a country database and believe the addresses that the requests say."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "countries.mmdb"
        writer = MMDBWriter(4, "GeoLite2-Country")
        writer.insert_network(IPSet(["203.0.0.0/16"]), {"country": {"iso_code": "AT"}})
        writer.to_db_file(str(path))
        before = _set(geoip_database=str(path), trusted_proxies="127.0.0.1, ::1")
        try:
            yield
        finally:
            frappe.db.rollback()
            _set(**before)


def _set(**values: str) -> dict[str, str]:
    """Change TrackFlow Settings; return what was there before."""
    settings = frappe.get_doc("TrackFlow Settings")
    before = {name: settings.get(name) for name in values}
    settings.update(values)
    settings.save()
    frappe.db.commit()
    return before


def _make_link(**values: object) -> Document:
    campaign = frappe.get_doc(
        doctype="Link Campaign",
        campaign_name=f"Benchmark {frappe.generate_hash(length=6)}",
        source="benchmark",
    ).insert()
    values = {"destination_url": "https://example.com/landing?page=1", "campaign": campaign.name} | values
    return frappe.get_doc(doctype="Tracked Link", **values).insert()


def _make_full_link() -> Document:
    link = _make_link(
        destination_url="https://example.com/landing?page=1&click={click_id}",
        medium="email",
        content="top",
        additional_parameters='{"ref": "spring"}',
        forward_query=1,
        query_conflict="Visitor wins",
        append_visitor_id=1,
        start_date="2020-01-01",
        expiry_date="2100-01-01",
        fallback_url="https://example.com/over",
        targeting_rules=[{**rule, "destination_url": "https://example.com/rule"} for rule in _RULES],
    )
    for name, weight in (("A", 50), ("B", 30), ("C", 20)):
        destination = f"https://example.com/{name}?visitor={{visitor_id}}&code={{code}}"
        variant = {"tracked_link": link.name, "variant_name": name, "weight": weight, "active": 1}
        frappe.get_doc(doctype="Campaign Link Variant", destination_url=destination, **variant).insert()
    return link
