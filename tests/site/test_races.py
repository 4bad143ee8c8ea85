"""Many at once: visitors on one link, workers on one queue, and workers that are killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import frappe
import pytest

from tests import harness
from tests.site import factory
from tests.site.factory import click, make_campaign, make_link, make_variant, new_visitor
from trackflow import ingest, jobs

# A worker's job in a process of its own, which can be killed.
DRAIN = """
import sys, frappe
frappe.init(sys.argv[1])
frappe.connect()
from trackflow import ingest
ingest.BATCH = int(sys.argv[2])
print("draining", flush=True)
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


def test_two_first_clicks_of_one_visitor_at_the_same_moment_are_two_events_and_one_visitor(link):
    who = new_visitor()
    responses = at_once(2, lambda _: click(link, Cookie=f"trackflow_visitor={who}"))
    assert [response.status_code for response in responses] == [302, 302]
    factory.drain()
    found = factory.events(link)
    assert [event.visitor_id for event in found] == [who, who]
    assert sorted(event.verdict for event in found) == ["duplicate", "human"]
    assert factory.counters(link) == (1, 1)
    assert frappe.db.count("Visitor", {"visitor_id": who}) == 1
    assert frappe.db.count("Visitor Session", {"visitor_id": who}) == 1


def test_two_workers_with_first_clicks_of_one_visitor_make_one_visitor_and_one_session(link):
    for _ in range(5):
        who = new_visitor()
        names = [factory.put_clicks(link, [who])[0] for _ in range(2)]
        frappe.db.commit()
        factory.in_threads(lambda name: ingest._process(1, [name]), names)
        factory.drain()
        assert frappe.db.get_value("Visitor", who, ["click_count", "session_count"]) == (1, 1)
        assert frappe.db.count("Visitor Session", {"visitor_id": who}) == 1


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
    done = factory.in_threads(drain_in_small_batches, range(4))
    factory.drain()
    assert_exact(link, names)
    assert sum(done) <= 600
    assert frappe.db.get_value("Campaign Link Variant", variant.name, "clicks") == factory.counters(link)[0]


def drain_in_small_batches(_):
    """Small batches, so that workers meet often."""
    done = 0
    with jobs.read_committed():
        while batch := process_with_patience(20):
            done += batch
    return done


def process_with_patience(limit):
    while True:
        try:
            return ingest._process(limit)
        except frappe.QueryDeadlockError:
            frappe.db.rollback()


def test_a_queue_row_is_claimed_by_one_worker_at_a_time(link):
    names = factory.put_clicks(link, [new_visitor() for _ in range(40)])
    counts = factory.in_threads(lambda _: ingest._process(100, names), range(4))
    factory.drain()
    assert sum(counts) <= 40
    assert_exact(link, names)


def test_a_click_that_is_told_twice_is_one_event(link):
    (name,) = factory.put_clicks(link, [new_visitor()])
    factory.drain()
    frappe.db.set_value("Click Queue", name, "status", "Pending")
    frappe.db.commit()
    factory.drain()
    assert [event.name for event in factory.events(link)] == [name]


# ---------------------------------------------------------------- workers that are killed


def start_drain(batch):
    program = [sys.executable, "-c", DRAIN, harness.SITE, str(batch)]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": pythonpath()})
    process.stdout.readline()
    return process


def pythonpath():
    """The app under test is the one that the tests have, also where it is not installed."""
    import trackflow

    root = os.path.dirname(os.path.dirname(os.path.abspath(trackflow.__file__)))  # noqa: PTH100, PTH120
    return os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])


def test_killing_workers_loses_no_click_and_doubles_none(link):
    people = [new_visitor() for _ in range(800)]
    names = [name for _ in range(4) for name in factory.put_clicks(link, people)]
    killed = [kill_a_worker(seconds) for seconds in (0.05, 0.12, 0.2, 0.3, 0.1)]
    assert any(killed), "every worker was done before it was killed"
    factory.drain()
    assert_exact(link, names)


def kill_a_worker(seconds):
    """Kill a worker ``seconds`` after it has begun; say whether it was still at work."""
    process = start_drain(batch=60)
    time.sleep(seconds * random.uniform(0.8, 1.2))
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    return process.wait() == -signal.SIGKILL
