"""Imports of many links, and what befalls them: workers that are killed, two at once, codes taken meanwhile."""

from __future__ import annotations

import frappe
import pytest

from tests import harness
from tests.site import factory, killed
from tests.site.factory import make_link, unique
from tests.site.import_steps import finished, links_of, make_import, rows_of, started, state_of
from trackflow.api import imports
from trackflow.imports import jobs as import_jobs

URL = "https://example.com"


def test_a_thousand_links_are_created_in_the_background_with_progress():
    doc = make_import(own_urls(1000), import_format="List of URLs")
    seen = []

    def is_done():
        seen.append(state_of(doc).progress)
        return state_of(doc).status == "Completed"

    started(doc)
    harness.wait_until(is_done, timeout=240, pause=0.5)
    assert sorted(set(seen)) == list(dict.fromkeys(seen))
    assert len(set(seen)) > 3
    assert_exactly(doc, 1000)


def assert_exactly(doc, number):
    """Each row has one link, and no link came of it twice."""
    rows = rows_of(doc)
    assert [row.line for row in rows] == list(range(1, number + 1))
    assert {row.outcome for row in rows} == {"Created"}
    assert len({row.tracked_link for row in rows}) == number
    made = frappe.get_all(
        "Tracked Link",
        {"destination_url": ("in", [row.destination_url for row in rows])},
        pluck="name",
        limit=0,
    )
    assert sorted(made) == sorted(row.tracked_link for row in rows)
    state = state_of(doc)
    assert (state.status, state.created_count, state.failed_count) == ("Completed", number, 0)


def own_urls(number):
    base = f"{URL}/{unique()}"
    return "\n".join(f"{base}/{n}" for n in range(number))


IMPORT = """
from trackflow.imports import jobs as import_jobs

import_jobs.BATCH = 5
import_jobs.run(arguments[0])
"""


def is_killed(doc, statements):
    import_jobs._set(doc.name, status="Queued")
    frappe.db.commit()
    return killed.run(IMPORT, [statements], doc.name) == [True]


def test_a_worker_that_is_killed_at_any_moment_leaves_nothing_doubled_and_nothing_out():
    doc = make_import(own_urls(30), import_format="List of URLs")
    dead = [is_killed(doc, statements) for statements in (3, 12, 45, 110, 160, 230, 10_000)]
    assert dead.count(True) >= 5
    assert not dead[-1]
    assert_exactly(doc, 30)


def test_an_import_whose_worker_was_killed_can_be_resumed_once_it_is_silent(monkeypatch):
    doc = make_import(own_urls(20), import_format="List of URLs")
    assert is_killed(doc, 160)
    frappe.db.commit()
    with pytest.raises(frappe.ValidationError, match="at work already"):
        imports.start(doc.name)
    an_hour_ago = frappe.utils.add_to_date(None, hours=-1, as_datetime=True)
    import_jobs._set(doc.name, last_activity=an_hour_ago)
    assert not state_of(doc).at_work
    finished(doc)
    assert_exactly(doc, 20)


def test_two_workers_at_one_import_share_its_rows():
    doc = make_import(own_urls(40), import_format="List of URLs")
    import_jobs._set(doc.name, status="Queued")
    import_jobs._load(doc)

    def work(_worker):
        while import_jobs._work_on_batch(doc.name):
            pass

    factory.in_threads(work, range(3))
    import_jobs._finish(doc.name)
    assert_exactly(doc, 40)


def test_an_import_that_is_stopped_can_be_resumed(monkeypatch):
    doc = make_import(own_urls(60), import_format="List of URLs")
    import_jobs._set(doc.name, status="Queued")
    work, calls = import_jobs._work_on_batch, []

    def work_once(name):
        calls.append(name)
        done = work(name)
        imports.stop(name)
        return done

    monkeypatch.setattr(import_jobs, "_work_on_batch", work_once)
    import_jobs.run(doc.name)
    monkeypatch.undo()
    state = state_of(doc)
    assert (state.status, state.created_count, len(calls)) == ("Stopped", import_jobs.BATCH, 1)
    finished(doc)
    assert_exactly(doc, 60)


def test_a_code_that_is_taken_after_the_rows_were_checked_is_told_too():
    code = unique("late")
    doc = make_import(f"url,code\n{URL}/1,{code}\n{URL}/2,\n")
    import_jobs._load(doc)
    make_link(short_code=code)
    import_jobs._work_on_batch(doc.name)
    import_jobs._finish(doc.name)
    assert [(row.outcome, row.reason) for row in rows_of(doc)] == [
        ("Failed", f"The short code {code} is taken by another link. Choose another one."),
        ("Created", None),
    ]


def test_an_import_takes_its_rows_with_it_and_leaves_the_links():
    doc = make_import(URL, import_format="List of URLs")
    finished(doc)
    (link,) = links_of(doc)
    frappe.delete_doc("Link Import", doc.name)
    assert rows_of(doc) == []
    assert frappe.db.exists("Tracked Link", link.name)
