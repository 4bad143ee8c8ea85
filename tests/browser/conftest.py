"""Pages in the system's Chromium, as a visitor and as a user of Desk."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import harness

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# No realtime server runs on the local bench.
EXPECTED_ERRORS = re.compile(r"socket\.io|favicon")

collect_ignore_glob = [] if harness.SITE else ["test_*.py"]

if harness.SITE:
    harness.connect()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not executable:
        pytest.fail("No Chromium was found on this machine; the package is called chromium.", pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Any, console_errors: list[str]) -> Iterator[Callable[[], Any]]:
    """Makes pages, each in a context of its own: another visitor."""
    contexts: list[Any] = []

    def make() -> Any:
        context = browser.new_context(base_url=harness.URL, viewport={"width": 1280, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: _note(console_errors, message))
        page.on("pageerror", lambda error: console_errors.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()


def _note(errors: list[str], message: Any) -> None:
    where = message.location.get("url", "")
    if message.type == "error" and not EXPECTED_ERRORS.search(f"{message.text} {where}"):
        errors.append(f"{message.text} ({where})")


@pytest.fixture
def console_errors() -> list[str]:
    """What the pages of this test complained about, so far."""
    return []


@pytest.fixture
def page(new_page: Callable[[], Any]) -> Any:
    return new_page()


@pytest.fixture
def desk(new_page: Callable[[], Any]) -> Any:
    """A page of someone who is logged in, on Desk."""
    page = new_page()
    login = {"usr": "Administrator", "pwd": harness.password()}
    answer = page.request.post("/api/method/login", form=login)
    assert answer.ok, f"Could not log in: {answer.status}"
    page.goto("/app")
    page.wait_for_function("window.frappe && frappe.boot && frappe.router && frappe.router.current_route")
    return page


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Saves what a page looks like: shot(page, "lead-form")."""
    default = Path(os.environ.get("TRACKFLOW_SCREENSHOTS", "screenshots"))
    folder = Path(harness.bench().get("screenshots", default))

    def save(page: Any, name: str, **options: Any) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", **options)
        return folder / f"{name}.png"

    return save
