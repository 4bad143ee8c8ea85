"""On a real site: connected before the test modules are read, because they import the app's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests import harness

collect_ignore_glob = [] if harness.SITE else ["test_*.py"]

if harness.SITE:
    harness.connect()


@pytest.fixture(autouse=True)
def _own_transaction(site: Any) -> Iterator[None]:
    """Every test begins as Administrator in a transaction of its own, whether it asks for `site` or not."""
    yield


@pytest.fixture
def websites(site: Any) -> Iterator[None]:
    import frappe

    from tests.site import factory

    # One address makes all requests of all tests.
    frappe.cache.delete_keys("trackflow:page_views:")
    with factory.settings(websites="shop.example", exclude_internal_traffic=0):
        yield


@pytest.fixture
def page() -> str:
    """The address of a page that nobody has seen."""
    from tests.site import factory

    return f"https://www.shop.example/{factory.unique()}"


@pytest.fixture(scope="module")
def season() -> Any:
    """Clicks, leads and deals of some weeks, see ``report_data``."""
    from tests.site.report_data import Season

    return Season()
