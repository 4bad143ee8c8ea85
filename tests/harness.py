"""What tests on a site need, the same on the local bench and inside any other.

The environment says where the site is: TRACKFLOW_SITE (its name), TRACKFLOW_URL (http://127.0.0.1:8000 unless given)
and, on the local bench, TRACKFLOW_BENCH (a JSON file with the rest). Inside another bench the tests are run in its
`sites` folder.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

SITE = os.environ.get("TRACKFLOW_SITE", "")
URL = os.environ.get("TRACKFLOW_URL", "http://127.0.0.1:8000").rstrip("/")
NO_SITE = "Tests on a site were left out: TRACKFLOW_SITE does not name one (`make test` sets up its own)."

# The verdict on a click depends on it: a test that wants to be a bot says so.
USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)

Result = TypeVar("Result")


def bench() -> dict[str, Any]:
    """What the local bench says about itself; empty elsewhere."""
    file = os.environ.get("TRACKFLOW_BENCH")
    return json.loads(Path(file).read_text()) if file else {}


def password() -> str:
    return os.environ.get("TRACKFLOW_PASSWORD") or bench().get("password", "admin")


def connect() -> Any:
    """Frappe, connected to the site as Administrator. It expects to be in the sites folder."""
    import frappe

    if not getattr(frappe.local, "initialised", None):
        os.chdir(bench().get("sites_path", "."))
        frappe.init(SITE)
        frappe.connect()
        frappe.flags.in_test = True
        # Several runs within an hour make more users than Frappe lets people make.
        frappe.local.conf["throttle_user_limit"] = 10_000
    frappe.set_user("Administrator")
    return frappe


def start_clean() -> None:
    """Forget what the last test left in this process: its transaction, its user, what it had in memory."""
    import frappe

    frappe.db.rollback()
    frappe.set_user("Administrator")
    frappe.local.message_log = []
    forget_memory()


def forget_memory() -> None:
    """Web server and workers change records behind this process's back."""
    import frappe

    frappe.local.cache = {}
    for name in ("request_cache", "document_cache"):
        if held := getattr(frappe.local, name, None):
            held.clear()


def wait_until(condition: Callable[[], Result], timeout: float = 20, pause: float = 0.1) -> Result:
    """The first true value of the condition. Commits before each look, so that it sees what others have written."""
    import frappe

    end = time.monotonic() + timeout
    while True:
        frappe.db.commit()
        forget_memory()
        if result := condition():
            return result
        if time.monotonic() > end:
            raise AssertionError(f"Not within {timeout:g} s: {getattr(condition, '__name__', condition)}")
        time.sleep(pause)


def http_client() -> Any:
    """A visitor of its own, with a browser's user agent, who does not follow redirects."""
    import requests

    class Client(requests.Session):
        def __init__(self) -> None:
            super().__init__()
            self.headers.update(site_headers() | {"User-Agent": USER_AGENT})

        def request(self, method: str, url: str, *args: Any, **options: Any) -> requests.Response:
            options.setdefault("allow_redirects", False)
            options.setdefault("timeout", 30)
            return super().request(method, f"{URL}{url}" if url.startswith("/") else url, *args, **options)

        def get(self, url: str, **options: Any) -> requests.Response:
            # requests follows redirects of a GET unless told here
            options.setdefault("allow_redirects", False)
            return super().get(url, **options)

        def login(self, user: str = "Administrator", pwd: str = "") -> Client:
            answer = self.post("/api/method/login", data={"usr": user, "pwd": pwd or password()})
            assert answer.ok, f"{user} could not log in: {answer.text[:200]}"
            return self

    return Client()


def site_headers() -> dict[str, str]:
    """A bench with several sites tells them apart by these."""
    port = urlsplit(URL).port
    return {"Host": f"{SITE}:{port}" if port else SITE, "X-Frappe-Site-Name": SITE}
