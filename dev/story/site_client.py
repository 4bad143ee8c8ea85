"""The REST API of a Frappe site, as one logged-in person uses it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import requests

TIMEOUT = 60
# The scheduler looks after the click queue once a minute, and a busy machine takes its time with each job.
PATIENCE = 180
_POLL = 0.1

Doc = dict[str, Any]
Filters = dict[str, Any]
Found = TypeVar("Found")


class StoryError(Exception):
    """Something did not go as told; the text says what, in one sentence."""


class Site:
    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url.rstrip("/")
        self.user = user
        self.session = requests.Session()
        self.call("login", usr=user, pwd=password)

    def get(self, doctype: str, name: str) -> Doc:
        return self._request("GET", _resource(doctype, name))["data"]

    def rows(
        self,
        doctype: str,
        filters: Filters,
        fields: list[str],
        order_by: str = "creation asc",
        limit: int = 0,
    ) -> list[Doc]:
        query = {
            "filters": json.dumps(filters),
            "fields": json.dumps(fields),
            "order_by": order_by,
            "limit_page_length": limit,
        }
        return self._request("GET", _resource(doctype), params=query)["data"]

    def find(self, doctype: str, filters: Filters) -> Doc | None:
        """The whole document that matches, the oldest if there are several."""
        names = self.rows(doctype, filters, ["name"], limit=1)
        return self.get(doctype, names[0]["name"]) if names else None

    def count(self, doctype: str, filters: Filters) -> int:
        query = {"doctype": doctype, "filters": json.dumps(filters)}
        return self._request("GET", "/api/method/frappe.client.get_count", params=query)["message"]

    def create(self, doctype: str, values: Doc) -> Doc:
        return self._request("POST", _resource(doctype), json=values)["data"]

    def update(self, doctype: str, name: str, values: Doc) -> Doc:
        return self._request("PUT", _resource(doctype, name), json=values)["data"]

    def ensure(self, doctype: str, key: Filters, values: Doc | None = None) -> str:
        """Find the document with this key or create it: a story that was interrupted is not told twice."""
        found = self.rows(doctype, key, ["name"], limit=1)
        return (found[0] if found else self.create(doctype, {**key, **(values or {})}))["name"]

    def call(self, method: str, **arguments: Any) -> Any:
        return self._request("POST", f"/api/method/{method}", json=arguments).get("message")

    def download(self, method: str, **arguments: str) -> bytes:
        answer = self.session.get(f"{self.url}/api/method/{method}", params=arguments, timeout=TIMEOUT)
        if not answer.ok:
            raise StoryError(f"{method}: {explain(answer)}")
        return answer.content

    def _request(self, verb: str, path: str, **more: Any) -> Doc:
        headers = {"Accept": "application/json"}
        answer = self.session.request(verb, self.url + path, headers=headers, timeout=TIMEOUT, **more)
        if not answer.ok:
            raise StoryError(f"{verb} {path}: {explain(answer)}")
        return answer.json()


def wait_for(what: str, look: Callable[[], Found | None]) -> Found:
    """Look until there is something: TrackFlow does its bookkeeping in background jobs."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(_POLL)
    raise StoryError(
        f"{what} did not arrive within {PATIENCE} s. "
        "Do the background workers run? What went wrong in them stands in the site's Error Log."
    )


def explain(answer: requests.Response) -> str:
    """What Frappe says about a request that it refused, as one line."""
    try:
        body = answer.json()
    except ValueError:
        return f"{answer.status_code} {answer.reason}"
    messages = [
        json.loads(one).get("message", "") for one in json.loads(body.get("_server_messages") or "[]")
    ]
    text = "; ".join(messages) or body.get("exception") or body.get("message") or answer.reason
    return f"{answer.status_code}, {re.sub('<[^>]*>', '', str(text))}"


def _resource(doctype: str, name: str | None = None) -> str:
    path = f"/api/resource/{quote(doctype)}"
    return path if name is None else f"{path}/{quote(name, safe='')}"
