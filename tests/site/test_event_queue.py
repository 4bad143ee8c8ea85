"""Page views from the queue to the event: once each, whatever is killed, and none holds up the others."""

from __future__ import annotations

import frappe
import pytest
from frappe.utils import now_datetime

from tests import harness
from tests.site import factory, killed
from tests.site.factory import new_visitor
from tests.site.page_views import recorded, recorded_one, waiting
from trackflow import event_queue, ingest
from trackflow.api import tracker as api
from trackflow.domain.page_views import PageView

pytestmark = pytest.mark.usefixtures("websites")

# Each worker that is killed is given views that were held back until then: the site's own would take them otherwise.
GIVE = """
from trackflow import event_queue

event_queue.BATCH = 15
give = "UPDATE `tabVisitor Event Queue` SET status = 'Pending' WHERE status = 'Held' AND page_url LIKE %s LIMIT 20"
frappe.db.sql(give, arguments[0] + "%")
frappe.db.commit()
"""
DRAIN = """
import time
from trackflow import event_queue

event_queue.drain(time.monotonic() + 20)
"""


def put(url, number=1, **fields):
    """Queue page views without the web server, held back from the site's own workers; return their names."""
    views = [factory.page_view(**({"visitor": new_visitor(), "url": url} | fields)) for _ in range(number)]
    for view in views:
        event_queue.put(view)
    queue = frappe.qb.DocType(event_queue.DOCTYPE)
    names = [view.name for view in views]
    frappe.qb.update(queue).set(queue.status, "Held").where(queue.name.isin(names)).run()
    frappe.db.after_commit.reset()
    frappe.db.commit()
    return names


def let_go(names, **values):
    queue = frappe.qb.DocType(event_queue.DOCTYPE)
    change = frappe.qb.update(queue).set(queue.status, "Pending")
    for name, value in values.items():
        change = change.set(queue[name], value)
    change.where(queue.name.isin(names)).run()
    frappe.db.commit()


def test_a_view_is_not_lost_nor_doubled_when_workers_are_killed_anywhere(page):
    names = put(page, 12 * 20)
    assert killed.run(DRAIN, range(1, 23, 2), page, prepare=GIVE).count(True) >= 5
    let_go(names)
    found = recorded(page)
    assert sorted(event.name for event in found) == sorted(names)
    visitors = {"name": ("in", [event.visitor for event in found])}
    assert set(frappe.get_all("Visitor", visitors, pluck="page_views")) == {1}


def test_a_view_that_is_there_already_is_not_written_again(page):
    (name,) = put(page)
    row = frappe.db.get_value(event_queue.DOCTYPE, name, ["*"], as_dict=True)
    let_go([name])
    visitor = recorded_one(page).visitor
    again = PageView(name, visitor, row.timestamp, row.page_url, user_agent=factory.CHROME)
    event_queue.put(again)
    frappe.db.commit()
    assert len(recorded(page)) == 1
    assert frappe.db.get_value("Visitor", visitor, "page_views") == 1


def test_a_row_that_cannot_be_processed_holds_up_none_of_the_others_and_can_be_tried_again(page):
    names = put(page, 5)
    frappe.db.set_value(event_queue.DOCTYPE, names[2], "consent", "Perhaps")
    frappe.db.commit()
    let_go(names)
    ingest.drain()
    harness.wait_until(lambda: len(waiting(page)) == 1)
    (failed,) = waiting(page)
    assert (failed.name, failed.status) == (names[2], "Failed")
    assert "Perhaps" in failed.error_message
    frappe.db.set_value(event_queue.DOCTYPE, failed.name, "consent", "Granted")
    assert api.retry(["no such view", failed.name]) == 1
    frappe.db.commit()
    assert len(recorded(page)) == 5


def test_nobody_without_the_right_has_page_views_tried_again(new_client):
    assert new_client().post("/api/method/trackflow.api.tracker.retry", json={}).status_code == 403


def test_failed_rows_go_after_some_days(page):
    names = put(page, 2)
    frappe.db.sql("UPDATE `tabVisitor Event Queue` SET status = 'Failed' WHERE name IN %s", (names,))
    frappe.db.set_value(event_queue.DOCTYPE, names[0], "timestamp", frappe.utils.add_days(now_datetime(), -8))
    frappe.db.commit()
    frappe.get_doc(doctype=event_queue.DOCTYPE).clear_old_logs(7)
    assert [row.name for row in waiting(page)] == [names[1]]
    frappe.db.delete(event_queue.DOCTYPE, {"name": names[1]})
    frappe.db.commit()
