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
