"""The weekly check whether destinations are still there: optional, slow on purpose, and only towards the internet."""

import ipaddress
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

import frappe
import requests
from frappe.utils import get_url, now_datetime

from trackflow import settings
from trackflow.domain import macros
from trackflow.domain.destination_health import MISSING, state_after
from trackflow.domain.destinations import ascii_url

# Seconds. A run that takes longer than this stops; the next one begins with what was checked longest ago.
RUN_SECONDS, ANSWER_SECONDS, PAUSE_SECONDS = 1200, 10, 1.0
LINKS_IN_A_RUN = 5_000
_HARDLY_SUPPORTED = frozenset({403, 404, 405, 410, 501})


def run() -> None:
    """Weekly job: check the destinations of active links, each address once, if the settings ask for it."""
    if settings.checks_destinations():
        check(_links())


def check(links: Iterable[dict]) -> None:
    """Ask for the destinations of ``links`` (name, destination_url, destination_state) and record the answers."""
    answers: dict[str, int | None] = {}
    last_asked: dict[str, float] = {}
    end = time.monotonic() + RUN_SECONDS
    for link in links:
        if time.monotonic() > end:
            break
        url = ascii_url(link.destination_url)
        if url not in answers:
            _wait_for_turn(urlsplit(url).hostname or "", last_asked)
            answers[url] = ask(url)
        _record(link, answers[url])


def ask(url: str) -> int | None:
    """Return the HTTP status that ``url`` (ASCII) answers with, redirects not followed, or None without an answer.

    Servers that treat HEAD as if nothing was there are asked again as a browser asks, without reading the page.
    """
    if not _is_in_the_internet(urlsplit(url).hostname or ""):
        return None
    with suppress(requests.RequestException):
        status = _request("HEAD", url)
        return _request("GET", url) if status in _HARDLY_SUPPORTED else status
    return None


def _request(method: str, url: str) -> int:
    headers = {"User-Agent": f"Mozilla/5.0 (compatible; TrackFlow link check; +{get_url()})"}
    options = {"headers": headers, "timeout": ANSWER_SECONDS, "allow_redirects": False, "stream": True}
    with requests.request(method, url, **options) as response:
        return response.status_code


def _is_in_the_internet(host: str) -> bool:
    """Whoever may make links must not look around in the network of this server through them."""
    if frappe.conf.trackflow_check_private_destinations:
        return True
    try:
        found = {address[4][0] for address in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return all(ipaddress.ip_address(address.partition("%")[0]).is_global for address in found)


def _wait_for_turn(host: str, last_asked: dict[str, float]) -> None:
    """Leave a second between two requests to the same server."""
    since = time.monotonic() - last_asked.get(host, 0)
    if host in last_asked and since < PAUSE_SECONDS:
        time.sleep(PAUSE_SECONDS - since)
    last_asked[host] = time.monotonic()


def _links() -> Iterator[dict]:
    """Yield the active links, those first that were never checked or longest ago; not those checked lately."""
    table = frappe.qb.DocType("Tracked Link")
    lately = now_datetime() - timedelta(days=1)
    found = (
        frappe.qb.from_(table)
        .select(table.name, table.destination_url, table.destination_state)
        .where(table.status == "Active")
        .where(table.destination_checked_on.isnull() | (table.destination_checked_on < lately))
        .orderby(table.destination_checked_on, table.name)
        .limit(LINKS_IN_A_RUN)
        .run(as_dict=True)
    )
    # What a macro stands for is known only when somebody clicks.
    return (link for link in found if not macros.found_in(link.destination_url))


def _record(link: dict, answer: int | None) -> None:
    state = state_after(link.destination_state or "", answer)
    values = {"destination_state": state, "destination_checked_on": now_datetime()}
    frappe.db.set_value("Tracked Link", link.name, values, update_modified=False)
    if state == MISSING != link.destination_state:
        _tell(link.name)
    # A check takes minutes, and what was found should survive whatever ends it.
    frappe.db.commit()


def _tell(link: str) -> None:
    """Run what listens to ``destination_not_found`` of a link: our Notification, and any other."""
    try:
        frappe.get_doc("Tracked Link", link).run_method("destination_not_found")
    except Exception:
        frappe.log_error(f"TrackFlow: nobody could be told that the destination of {link} was not found")
