"""A report that refuses something stays what it was: Frappe's watch over slow reports must not run out afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import frappe
import pytest

from tests.site.report_data import report

NAME = "Link Performance"
WRONG = {"from_date": "2026-02-01", "to_date": "2026-01-31"}


@pytest.fixture
def watch(site: Any) -> Iterator[Callable[..., threading.Timer]]:
    """Start a watch as newer versions of Frappe do with every run."""
    started: list[threading.Timer] = []

    def start(name: str = NAME, at: str = "") -> threading.Timer:
        told = {"report": name, "site": at or frappe.local.site}
        started.append(threading.Timer(3600, lambda **_told: None, kwargs=told))
        started[-1].start()
        return started[-1]

    yield start
    for timer in started:
        timer.cancel()


def test_a_refusal_stops_the_watch_over_this_report(watch: Callable[..., threading.Timer]) -> None:
    ours, of_another, elsewhere = watch(), watch("Cohorts"), watch(at="another.test")
    with pytest.raises(frappe.ValidationError, match="later than"):
        report(NAME, **WRONG)
    assert [timer.finished.is_set() for timer in (ours, of_another, elsewhere)] == [True, False, False]


def test_an_answer_leaves_the_watch_to_frappe(watch: Callable[..., threading.Timer]) -> None:
    timer = watch()
    report(NAME)
    assert not timer.finished.is_set()


def test_no_report_is_left_out(site: Any) -> None:
    names = frappe.get_all("Report", {"module": "TrackFlow"}, pluck="name")
    assert len(names) == 12
    for name in names:
        scrubbed = frappe.scrub(name)
        execute = frappe.get_attr(f"trackflow.trackflow.report.{scrubbed}.{scrubbed}.execute")
        assert execute.__globals__["__name__"] == "trackflow.analytics.refusals", name
