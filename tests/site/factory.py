"""Campaigns, links and clicks for tests. Everything has a name of its own and is committed: visitors come over HTTP.

What is made here goes away by itself only with the site; tests use unique names and look at nothing else.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import frappe
from frappe.utils import now_datetime

from tests import harness

CHROME = harness.USER_AGENT
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.5 Mobile/15E148 Safari/604.1"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
DESTINATION = "https://shop.example.com/page"
SETTINGS = "TrackFlow Settings"

Result = TypeVar("Result")


def unique(prefix: str = "t") -> str:
    """A name that nothing else has. Short codes may be made of it."""
    return f"{prefix}-{secrets.token_hex(6)}"


def new_visitor() -> str:
    return f"v_{secrets.token_hex(16)}"


def make_campaign(**fields: Any) -> Any:
    values = {"campaign_name": unique("Campaign"), "source": "newsletter", "medium": "email"} | fields
    campaign = frappe.get_doc(doctype="Link Campaign", **values).insert()
    frappe.db.commit()
    return campaign


def make_link(destination_url: str = DESTINATION, **fields: Any) -> Any:
    link = frappe.get_doc(doctype="Tracked Link", destination_url=destination_url, **fields).insert()
    frappe.db.commit()
    return link


def make_variant(link: Any, name: str, destination_url: str, **fields: Any) -> Any:
    values = {"tracked_link": link.name, "variant_name": name, "destination_url": destination_url} | fields
    variant = frappe.get_doc(doctype="Campaign Link Variant", **values).insert()
    frappe.db.commit()
    return variant


def change(doc: Any, **values: Any) -> None:
    """Change a document as a form would, with all that saving brings about."""
    fresh = frappe.get_doc(doc.doctype, doc.name)
    fresh.update(values)
    fresh.save()
    frappe.db.commit()


def click(link: Any, client: Any = None, **headers: str) -> Any:
    """Follow a link once, as ``client`` or else as a new visitor; names of headers with _ for -."""
    client = client or harness.http_client()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.request("GET", f"/r/{link.short_code}", headers=named, allow_redirects=False)


def new_name() -> str:
    """A name for a click or a page view as the app gives them: they sort by time."""
    return f"{time.time_ns() // 1000:014x}{secrets.token_hex(5)}"


def page_view(visitor: str, url: str, at: datetime | None = None, **fields: Any) -> Any:
    """A page view that is recorded nowhere yet."""
    from trackflow.domain.page_views import PageView

    return PageView(new_name(), visitor, at or now_datetime(), url, **({"user_agent": CHROME} | fields))


def put_clicks(
    link: Any, visitors: Iterable[str], at: datetime | None = None, status: str = "Pending", **fields: Any
) -> list[str]:
    """Queue one click on ``link`` for each of ``visitors`` without the web server; return the rows' names."""
    from trackflow import click_queue, links
    from trackflow.domain.clicks import Click

    record = links.load(link.short_code)
    defaults = {"campaign": record.campaign, "utm": record.utm, "destination_url": record.target_url}
    defaults["user_agent"] = CHROME
    at = at or now_datetime()
    clicks = [
        Click(
            name=new_name(),
            link=link.name,
            code=link.short_code,
            at=at,
            visitor_id=visitor,
            **(defaults | fields),
        )
        for visitor in visitors
    ]
    rows = [dict(zip(click_queue.COLUMNS, click_queue.to_row(one), strict=True)) for one in clicks]
    values = [(row | {"status": status}).values() for row in rows]
    frappe.db.bulk_insert("Click Queue", list(click_queue.COLUMNS), [tuple(each) for each in values])
    frappe.db.commit()
    return [one.name for one in clicks]


def drain() -> None:
    """Turn all clicks that are due into events; returns when no worker has any left in hand."""
    from trackflow import ingest

    ingest.drain()
    harness.wait_until(_nothing_due)


def _nothing_due() -> bool:
    due = {"status": "Pending", "next_try_at": ("is", "not set")}
    return not frappe.db.exists("Click Queue", due)


def queued(link: Any) -> list[Any]:
    """The Click Queue rows of a link as they stand, oldest first; request_data is read already."""
    frappe.db.commit()
    rows = frappe.get_all("Click Queue", {"tracked_link": link.name}, ["*"], order_by="name asc")
    return [row.update(request_data=json.loads(row.request_data)) for row in rows]


def events(link: Any) -> list[Any]:
    """The Click Events of a link as they stand, oldest first."""
    frappe.db.commit()
    return frappe.get_all(
        "Click Event", {"tracked_link": link.name}, ["*"], order_by="click_timestamp asc, name asc"
    )


def event_of(link: Any) -> Any:
    """The one event of a link, once everything is drained."""
    drain()
    (event,) = events(link)
    return event


def counters(doc: Any) -> tuple[int, int]:
    """(clicks, unique visitors) of a link or a campaign as they stand."""
    fields = {
        "Tracked Link": ["click_count", "unique_visitor_count"],
        "Link Campaign": ["total_clicks", "unique_visitors"],
    }[doc.doctype]
    frappe.db.commit()
    return frappe.db.get_value(doc.doctype, doc.name, fields)


@contextmanager
def settings(**values: Any) -> Iterator[Any]:
    """Change TrackFlow Settings for a while; ``internal_ranges`` are texts."""
    before = frappe.get_doc(SETTINGS).as_dict(no_default_fields=True, convert_dates_to_str=True)
    try:
        yield save_settings(**values)
    finally:
        frappe.db.rollback()
        frappe.set_user("Administrator")
        ranges = [row["ip_range"] for row in before.pop("internal_ip_ranges")]
        save_settings(internal_ranges=ranges, **before)


def save_settings(internal_ranges: Iterable[str] | None = None, **values: Any) -> Any:
    doc = frappe.get_doc(SETTINGS)
    doc.update(values)
    if internal_ranges is not None:
        doc.set("internal_ip_ranges", [{"ip_range": text} for text in internal_ranges])
    doc.save()
    frappe.db.commit()
    return doc


@contextmanager
def short_domain(**fields: Any) -> Iterator[Any]:
    """A short domain for a while; afterwards its links belong to none, and who was primary is so again."""
    from trackflow import short_urls

    was_primary = short_urls.primary_domain()
    values = {"domain": f"{unique('go')}.example"} | fields
    doc = frappe.get_doc(doctype="Domain Configuration", **values).insert()
    frappe.db.commit()
    try:
        yield doc
    finally:
        frappe.db.rollback()
        frappe.set_user("Administrator")
        frappe.db.set_value("Tracked Link", {"domain": doc.name}, "domain", None)
        if was_primary:
            change(frappe.get_doc("Domain Configuration", was_primary), is_primary=1)
        frappe.delete_doc("Domain Configuration", doc.name)
        frappe.db.commit()


def in_threads(function: Callable[[Any], Result], arguments: Iterable[Any]) -> list[Result]:
    """Call ``function`` for all arguments at the same moment, each on a connection of its own; commit."""
    arguments = list(arguments)
    start = threading.Barrier(len(arguments))

    def call(argument: Any) -> Result:
        frappe.init(harness.SITE)
        frappe.connect()
        try:
            frappe.set_user("Administrator")
            start.wait(30)
            result = function(argument)
            frappe.db.commit()
            return result
        finally:
            frappe.destroy()

    with ThreadPoolExecutor(len(arguments)) as pool:
        results = list(pool.map(call, arguments))
    # What the threads have committed is to be seen from here.
    frappe.db.rollback()
    return results
