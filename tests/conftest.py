"""Fixtures for tests on a site. Nothing here touches Frappe until a test asks for it: unit tests run without it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests import harness  # noqa: E402


@pytest.fixture
def site() -> Iterator[Any]:
    """Frappe, connected; what the test does not commit is undone."""
    frappe = harness.connect()
    harness.start_clean()
    yield frappe
    harness.start_clean()


@pytest.fixture
def new_client() -> Iterator[Callable[[], Any]]:
    """Makes HTTP clients, each a visitor with cookies of its own."""
    clients: list[Any] = []

    def make() -> Any:
        clients.append(harness.http_client())
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def http(new_client: Callable[[], Any]) -> Any:
    return new_client()


@pytest.fixture
def wait_until(site: Any) -> Callable[..., Any]:
    return harness.wait_until


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A folder that was left out must not look like one that passed."""
    folders = {str(argument) for argument in terminalreporter.config.args}
    if not harness.SITE and any("unit" not in folder for folder in folders):
        terminalreporter.write_line(harness.NO_SITE, yellow=True)
