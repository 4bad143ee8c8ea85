"""Many at once: visitors on one link, workers on one queue, and workers that are killed."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import factory, killed
from tests.site.factory import click, make_campaign, make_link, make_variant, new_visitor
from trackflow import click_queue, ingest, jobs

# Each worker that is killed is given 60 clicks that were held back until then: the site's own would take them otherwise.
GIVE = """
from trackflow import ingest

ingest.BATCH = 40
give = "UPDATE `tabClick Queue` SET status = 'Pending' WHERE status = 'Held' AND tracked_link = %s LIMIT 60"
frappe.db.sql(give, arguments[0])
frappe.db.commit()
"""
DRAIN = """
from trackflow import ingest

ingest.drain()
"""


def at_once(number, call):
    """Call ``call`` (HTTP only) on ``number`` threads at the same moment."""
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(call, range(number)))


def assert_exact(link, names):
    """Every accepted click is one event, and the counters say what the events say."""
    found = factory.events(link)
    assert sorted(event.name for event in found) == sorted(names)
    human = [event for event in found if event.verdict == "human"]
    visitors = {event.visitor_id for event in human}
    assert sum(event.is_unique for event in human) == len(visitors)
    assert factory.counters(link) == (len(human), len(visitors))
    campaign = frappe.get_doc("Link Campaign", link.campaign)
    assert factory.counters(campaign) == (len(human), len(visitors))
    days = frappe.get_all(
        "Click Daily Total", {"tracked_link": link.name}, ["clicks", "unique_visitors"], order_by="name asc"
    )
    assert (sum(day.clicks for day in days), sum(day.unique_visitors for day in days)) == (
        len(human),
        len(visitors),
    )
    assert_visitors_agree(human)


def assert_visitors_agree(human):
    clicks = {}
    for event in human:
        clicks[event.visitor_id] = clicks.get(event.visitor_id, 0) + 1
    filters = {"name": ("in", list(clicks))}
    told = frappe.get_all("Visitor", filters, ["name", "click_count"], as_list=True)
    assert dict(told) == clicks
    sessions = frappe.get_all("Visitor Session", {"visitor_id": ("in", list(clicks))}, pluck="click_count")
    assert sum(sessions) == len(human)


@pytest.fixture
def link():
    return make_link(campaign=make_campaign().name)


# ---------------------------------------------------------------- visitors


def test_fifty_first_clicks_of_one_visitor_at_the_same_moment_are_one_visitor_who_counts_once(link):
    who = new_visitor()
    responses = at_once(50, lambda _: click(link, Cookie=f"trackflow_visitor={who}"))
    assert [response.status_code for response in responses] == [302] * 50
    factory.drain()
    found = factory.events(link)
    assert [event.visitor_id for event in found] == [who] * 50
    assert sorted(event.verdict for event in found) == ["duplicate"] * 49 + ["human"]
    assert factory.counters(link) == (1, 1)
    assert frappe.db.count("Visitor", {"visitor_id": who}) == 1
    assert frappe.db.count("Visitor Session", {"visitor_id": who}) == 1


def test_two_workers_with_first_clicks_of_one_visitor_make_one_visitor_and_one_session(link):
    for _ in range(5):
        who = new_visitor()
        names = [factory.put_clicks(link, [who])[0] for _ in range(2)]
        frappe.db.commit()
        factory.in_threads(lambda name: process_as_a_drain_does([name]), names)
        factory.drain()
        assert frappe.db.get_value("Visitor", who, ["click_count", "session_count"]) == (1, 1)
        assert frappe.db.count("Visitor Session", {"visitor_id": who}) == 1


def process_as_a_drain_does(names):
    """In its isolation, without which a worker would see the visitor as it was before it got the lock."""
    with jobs.read_committed():
        return ingest._process(len(names), names)


def test_many_visitors_on_a_new_link_at_once_are_all_counted(link):
    responses = at_once(24, lambda _: [click(link) for _ in range(3)])
    assert {response.status_code for some in responses for response in some} == {302}
    ids = {response.cookies["trackflow_visitor"] for some in responses for response in some}
    assert len(ids) == 72
    factory.drain()
    assert factory.counters(link) == (72, 72)
    assert_exact(link, [row.name for row in factory.queued(link)])


def test_a_link_that_changes_under_load_always_leads_to_one_of_its_destinations(link):
    urls = [f"https://d{number}.example/" for number in range(6)]
    factory.change(link, destination_url=urls[0])

    def follow(_):
        return [click(link).headers["Location"].partition("?")[0] for _ in range(25)]

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(follow, None) for _ in range(4)]
        for url in urls[1:]:
            factory.change(link, destination_url=url)
        seen = {location for future in running for location in future.result()}
    assert seen <= set(urls)
    assert click(link).headers["Location"].startswith(urls[-1])


# ---------------------------------------------------------------- workers


def test_several_workers_on_one_queue_count_every_click_once(link):
    variant = make_variant(link, "a", "https://a.example/")
    people = [new_visitor() for _ in range(150)]
    names = []
    for _ in range(4):
        random.shuffle(people)
        names += factory.put_clicks(link, people, variant="a")
    factory.in_threads(drain_in_small_batches, range(4))
    factory.drain()
    assert_exact(link, names)
    assert frappe.db.get_value("Campaign Link Variant", variant.name, "clicks") == factory.counters(link)[0]


def drain_in_small_batches(_):
    """Small batches, so that workers meet often."""
    with jobs.read_committed():
        while process_with_patience(20):
            pass


def process_with_patience(limit):
    while True:
        try:
            return ingest._process(limit)
        except frappe.QueryDeadlockError:
            frappe.db.rollback()


def test_a_queue_row_is_claimed_by_one_worker_at_a_time(link):
    names = factory.put_clicks(link, [new_visitor() for _ in range(40)])
    counts = factory.in_threads(lambda _: process_as_a_drain_does(names), range(4))
    factory.drain()
    assert sum(counts) <= 40
    assert_exact(link, names)


# The site's own workers leave rows alone that are to be tried tomorrow.
LAY_UP = """
    UPDATE `tabClick Queue` SET status = 'Pending', next_try_at = NOW() + INTERVAL 1 DAY WHERE name IN %(names)s
"""
# As MariaDB may find the rows for another worker, whatever it chose for the first one.
CLAIM_BY_STATUS = f"""
    SELECT name FROM `tabClick Queue` FORCE INDEX ({click_queue.STATUS_INDEX})
    WHERE status = 'Pending' ORDER BY name LIMIT 1000 FOR UPDATE SKIP LOCKED
"""


def test_marking_rows_that_were_claimed_does_not_wait_for_a_worker_that_looked_for_some(link):
    """Else it waits for one that waits for its campaign, and MariaDB ends one of the two."""
    names = factory.put_clicks(link, [new_visitor() for _ in range(20)], status="Held")
    frappe.db.sql(LAY_UP, {"names": names})
    frappe.db.commit()
    claimed, looked_for, marked = Barrier(2), Barrier(2), Barrier(2)

    def mark(_):
        with jobs.read_committed():
            mine = [
                row["name"] for row in click_queue.claim(now_datetime() + timedelta(days=2), 1, names[:1])
            ]
            claimed.wait(30)
            looked_for.wait(30)
            ingest._mark_processed(mine)
            marked.wait(30)
            frappe.db.rollback()
        return mine

    def look_for_some(_):
        with jobs.read_committed():
            claimed.wait(30)
            theirs = frappe.db.sql(CLAIM_BY_STATUS, pluck=True)
            looked_for.wait(30)
            marked.wait(10)
        return theirs

    mine, theirs = factory.in_threads(lambda work: work(None), [mark, look_for_some])
    frappe.db.delete("Click Queue", {"name": ("in", names)})
    frappe.db.commit()
    assert mine == names[:1]
    assert {*names[1:]} <= {*theirs} and names[0] not in theirs


def test_a_click_that_is_told_twice_is_one_event(link):
    (name,) = factory.put_clicks(link, [new_visitor()])
    factory.drain()
    frappe.db.set_value("Click Queue", name, "status", "Pending")
    frappe.db.commit()
    factory.drain()
    assert [event.name for event in factory.events(link)] == [name]


# ---------------------------------------------------------------- workers that are killed


def test_killing_workers_at_any_statement_loses_no_click_and_doubles_none(link):
    """Fifty times: before each of the first statements, and before random ones."""
    statements = [*range(25), *(random.randrange(25) for _ in range(30))]
    people = [new_visitor() for _ in range(len(statements) * 30)]
    names = [name for _ in range(2) for name in factory.put_clicks(link, people, status="Held")]
    dead = killed.run(DRAIN, statements, link.name, prepare=GIVE)
    assert dead.count(True) >= 50, f"workers were done before they were killed: {statements}"
    frappe.db.set_value("Click Queue", {"tracked_link": link.name, "status": "Held"}, "status", "Pending")
    frappe.db.commit()
    factory.drain()
    assert_exact(link, names)
