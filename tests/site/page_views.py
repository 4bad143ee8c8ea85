"""Page views as pages tell of them, and what becomes of them."""

from __future__ import annotations

from urllib.parse import urlsplit

import frappe

from tests import harness
from trackflow import event_queue, ingest

METHOD = "/api/method/trackflow.api.tracker.page_view"
SHOP = "https://www.shop.example"
HOST = f"{harness.SITE}:{urlsplit(harness.URL).port}"
OWN = f"http://{HOST}"


def tell(url, client=None, headers=None, origin=None, **told):
    """What a page at ``url`` does when it is seen."""
    parts = urlsplit(url)
    headers = {"Origin": origin or f"{parts.scheme}://{parts.netloc}", **(headers or {})}
    client = client or harness.http_client()
    return client.request("POST", METHOD, data={"url": url, **told}, headers=headers)


def waiting(url):
    frappe.db.commit()
    return frappe.get_all(event_queue.DOCTYPE, {"page_url": ("like", f"{url}%")}, ["*"], order_by="name asc")


def recorded(url):
    """The page views of ``url``, once everything is drained."""
    ingest.drain()
    harness.wait_until(lambda: not waiting(url))
    return frappe.get_all("Visitor Event", {"page_url": ("like", f"{url}%")}, ["*"], order_by="name asc")


def recorded_one(url):
    (event,) = recorded(url)
    return event
