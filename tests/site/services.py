"""Really stop services of the local bench."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import frappe
import pytest
from frappe.utils.background_jobs import get_redis_conn

from tests import harness

local_bench = pytest.mark.skipif(
    not harness.bench(),
    reason="Stops services, which only the local bench (TRACKFLOW_BENCH) can start again.",
)


@contextmanager
def stopped(*names: str) -> Iterator[None]:
    """Really stop services of the local bench, and start them and what died of it again."""
    from dev.bench import processes, services
    from dev.bench.paths import Instance

    root = Path(harness.bench()["run"]).parent
    instance, ports = Instance(root.name, root), harness.bench()["ports"]
    frappe.db.commit()
    processes.stop(instance, names, patience=30)
    assert not set(names) & set(processes.running(instance))
    try:
        yield
    finally:
        services.start_stores(instance, ports)
        forget_orphaned_jobs()
        services.start_programs(instance, ports)
        if "mariadb" in names:
            frappe.db.close()
            frappe.db.connect()


def forget_orphaned_jobs() -> None:
    """A job whose worker lost Redis stays "started" for ever; no later test must wait for its end."""
    connection = get_redis_conn()
    for key in connection.scan_iter(b"rq:job:*"):
        if connection.hget(key, "status") == b"started":
            connection.delete(key)
