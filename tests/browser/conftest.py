"""Pages in the system's Chromium, as a visitor and as a user of Desk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import harness

if harness.SITE:
    harness.connect()

    from tests.browser import helpers

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
collect_ignore_glob = [] if harness.SITE else ["test_*.py"]


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
        contexts.append(helpers.new_context(browser))
        return helpers.new_page(contexts[-1], console_errors)

    yield make
    for context in contexts:
        context.close()


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
    return helpers.log_in(new_page())


@pytest.fixture(scope="module")
def office(browser: Any) -> Iterator[tuple[Any, list[str]]]:
    """A campaign manager's page of Desk for all tests of a module, and what it complains about."""
    user = helpers.make_user("carla.campaign@example.com", "Campaign Manager")
    with helpers.desk_of(browser, user) as desk:
        yield desk


@pytest.fixture
def errors(office: tuple[Any, list[str]]) -> list[str]:
    """What the office's page has complained about in this test."""
    office[1].clear()
    return office[1]


@pytest.fixture
def manager(office: tuple[Any, list[str]], errors: list[str]) -> Any:
    """The office's page."""
    return office[0]


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
