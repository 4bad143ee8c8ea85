"""Whether clicks get through can be seen by monitors and managers, and failed clicks can be tried again."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import factory
from tests.site.factory import make_link, new_visitor
from trackflow import click_queue, click_spool, health

STATUS = "/api/method/trackflow.api.health.status"
RETRY = "/api/method/trackflow.api.clicks.retry"


@pytest.fixture
def late():
    """A click that waits for ten minutes already, and that no worker takes in the meantime."""
    link = make_link()
    (name,) = factory.put_clicks(
        link, [new_visitor()], at=now_datetime() - timedelta(minutes=10), status="Held"
    )
    values = {"status": "Pending", "next_try_at": now_datetime() + timedelta(hours=1)}
    frappe.db.set_value("Click Queue", name, values)
    frappe.db.commit()
    yield name
    frappe.db.delete("Click Queue", {"name": name})
    frappe.db.commit()


@pytest.fixture
def failed():
    """Two clicks that failed, as after five tries."""
    link = make_link()
    names = factory.put_clicks(link, [new_visitor(), new_visitor()], status="Failed")
    frappe.db.set_value(
        "Click Queue", {"name": ("in", names)}, {"tries": 5, "error_message": "ValueError: x"}
    )
    frappe.db.commit()
    return link, names


def ask(client):
    return client.get(STATUS)


# ---------------------------------------------------------------- health


def test_a_guest_learns_that_all_is_well_and_nothing_else(http):
    factory.drain()
    answer = ask(http)
    assert (answer.status_code, answer.json()["message"]) == (200, {"status": "ok"})


def test_a_guest_learns_that_clicks_are_late(http, late):
    answer = ask(http)
    assert (answer.status_code, answer.json()["message"]) == (503, {"status": "degraded"})


def test_a_manager_sees_what_waits_and_since_when(http, late, failed):
    answer = ask(http.login())
    told = answer.json()["message"]
    assert (answer.status_code, told["status"], told["problems"]) == (503, "degraded", ["clicks_late"])
    assert 600 <= told["oldest_pending_seconds"] < 700
    assert told["pending"] >= 1 and told["failed"] >= 2
    assert told["workers"] >= 1 and told["scheduler_active"] is True
    assert (told["spooled_in_redis"], told["spooled_in_file"]) == (0, 0)


def test_a_click_that_is_tried_again_and_again_is_not_our_delay(late):
    frappe.db.set_value("Click Queue", late, "tries", 2)
    frappe.db.commit()
    assert "clicks_late" not in health.problems()


def test_clicks_that_wait_outside_of_the_database_are_late_too(site):
    link = make_link()
    (name,) = factory.put_clicks(
        link, [new_visitor()], at=now_datetime() - timedelta(minutes=20), status="Held"
    )
    row = frappe.get_all("Click Queue", {"name": name}, list(click_queue.COLUMNS), as_list=True)[0]
    line = frappe.as_json([str(value) for value in row], indent=None)
    path = click_spool.path()
    before = path.read_bytes() if path.exists() else b""
    path.write_bytes(f"{line}\n".encode())
    try:
        in_file, oldest = click_queue.spooled()[1], health.oldest_seconds()
    finally:
        path.write_bytes(before)
    assert in_file in (0, 1), "a worker may have taken it already"
    assert in_file == 0 or 1200 <= oldest < 1300


# ---------------------------------------------------------------- trying again


def test_failed_clicks_are_tried_again_and_become_events(http, failed):
    link, names = failed
    client = http.login()
    answer = client.post(RETRY, json={"names": names}, headers={"X-Frappe-CSRF-Token": token(client)})
    assert (answer.status_code, answer.json()["message"]) == (200, 2)
    factory.drain()
    assert sorted(event.name for event in factory.events(link)) == sorted(names)


def token(client):
    page = client.get("/app").text
    return page.partition('csrf_token = "')[2].partition('"')[0]


def test_only_failed_clicks_are_tried_again(failed):
    link = failed[0]
    (processed,) = factory.put_clicks(link, [new_visitor()], status="Processed")
    assert click_queue.retry([processed]) == 0
    assert frappe.db.get_value("Click Queue", processed, "status") == "Processed"


def test_nobody_without_the_right_tries_clicks_again(http, failed):
    assert http.post(RETRY, json={}).status_code == 403
    frappe.set_user("Guest")
    with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
        frappe.call("trackflow.api.clicks.retry")
