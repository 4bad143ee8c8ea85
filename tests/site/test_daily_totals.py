"""Daily totals agree with the events at every moment; a check finds what does not, and a rebuild corrects it."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import factory
from tests.site.factory import GOOGLEBOT, make_campaign, make_link, make_variant, new_visitor
from trackflow import ingest, jobs
from trackflow.corrections import totals
from trackflow.domain.clicks import Ruling, Verdict

NUMBERS = ["clicks", "unique_visitors", "campaign_unique_visitors", "duplicates", "bot_clicks"]


@pytest.fixture
def link():
    return make_link(campaign=make_campaign().name)


def days(link, fields=NUMBERS):
    """The daily totals of a link as they stand, oldest first."""
    frappe.db.commit()
    return frappe.get_all(
        "Click Daily Total",
        {"tracked_link": link.name},
        ["date", "campaign", "variant", *fields],
        order_by="date asc, variant asc",
    )


def numbers(link):
    return [[row[name] for name in NUMBERS] for row in days(link)]


def differences(link, since=""):
    frappe.db.commit()
    return totals.check(since or str(now_datetime().date() - timedelta(days=5)), link.name)


# ---------------------------------------------------------------- written with the events


def test_a_day_counts_each_verdict_on_its_own(link):
    who = new_visitor()
    factory.put_clicks(link, [who, new_visitor()])
    factory.put_clicks(link, [who])
    factory.put_clicks(link, [new_visitor()], user_agent=GOOGLEBOT)
    for verdict in (Verdict.PREFETCH, Verdict.INTERNAL, Verdict.OPTED_OUT):
        factory.put_clicks(link, [new_visitor()], ruling=Ruling(verdict, "told so"))
    factory.drain()
    assert numbers(link) == [[2, 2, 2, 1, 1]]
    (day,) = days(link, ["prefetches", "internal_clicks", "opted_out_clicks"])
    assert (day.campaign, day.variant) == (link.campaign, "")
    assert (day.prefetches, day.internal_clicks, day.opted_out_clicks) == (1, 1, 1)


def test_totals_are_by_variant(link):
    for name, number in (("a", 3), ("b", 2)):
        make_variant(link, name, f"https://{name}.example/")
        factory.put_clicks(link, [new_visitor() for _ in range(number)], variant=name)
    factory.drain()
    assert [(row.variant, row.clicks) for row in days(link)] == [("a", 3), ("b", 2)]


def test_a_click_counts_on_the_day_when_it_happened_however_late_it_comes(link):
    midnight = datetime(2024, 3, 1)
    for at in (midnight, midnight - timedelta(microseconds=1), midnight - timedelta(days=3)):
        factory.put_clicks(link, [new_visitor()], at=at)
        factory.drain()
    dates = [str(row.date) for row in days(link)]
    assert dates == ["2024-02-27", "2024-02-29", "2024-03-01"]


def test_a_visitor_is_unique_in_the_campaign_on_one_link_only(link):
    other, who, now = make_link(campaign=link.campaign), new_visitor(), now_datetime()
    factory.put_clicks(link, [who], at=now - timedelta(minutes=1))
    factory.put_clicks(other, [who], at=now)
    factory.drain()
    assert [numbers(each)[0][:3] for each in (link, other)] == [[1, 1, 1], [1, 1, 0]]


def test_workers_that_meet_on_the_same_days_add_up_exactly(link):
    now, names = now_datetime(), []
    for number in range(12):
        at = now - timedelta(days=number % 4)
        names.append(factory.put_clicks(link, [new_visitor() for _ in range(10)], at=at))
    factory.in_threads(lambda some: process(some), names)
    factory.drain()
    assert sum(row.clicks for row in days(link)) == 120
    assert differences(link) == []


def process(names):
    for _try in range(20):
        try:
            with jobs.read_committed():
                return ingest._process(len(names), names)
        except frappe.QueryDeadlockError:
            frappe.db.rollback()


# ---------------------------------------------------------------- check and rebuild


@pytest.fixture
def counted(link):
    """A link with 3 people's clicks through a variant, one of them twice on two days."""
    make_variant(link, "a", "https://a.example/")
    people, now = [new_visitor() for _ in range(3)], now_datetime()
    factory.put_clicks(link, people, at=now - timedelta(days=1), variant="a")
    factory.put_clicks(link, people[:1], at=now, variant="a")
    factory.drain()
    assert differences(link) == []
    return link


def spoil(doctype, filters, **values):
    name = frappe.db.get_value(doctype, filters)
    frappe.db.set_value(doctype, name, values, update_modified=False)
    frappe.db.commit()


@pytest.mark.parametrize(
    ("doctype", "key", "field"),
    [
        ("Click Daily Total", "tracked_link", "clicks"),
        ("Click Daily Total", "tracked_link", "bot_clicks"),
        ("Tracked Link", "name", "click_count"),
        ("Tracked Link", "name", "unique_visitor_count"),
        ("Campaign Link Variant", "tracked_link", "clicks"),
        ("Link Campaign", "campaign", "total_clicks"),
        ("Link Campaign", "campaign", "unique_visitors"),
    ],
)
def test_a_wrong_number_is_found_and_put_right(counted, doctype, key, field):
    filters = {"name": counted.campaign} if key == "campaign" else {key: counted.name}
    spoil(doctype, filters, **{field: 77})
    found = [each for each in differences(counted) if each.doctype == doctype]
    assert [(each.field, each.stored) for each in found] == [(field, 77)]
    assert totals.rebuild(str(now_datetime().date() - timedelta(days=5)), counted.name) >= 1
    assert differences(counted) == []
    assert factory.counters(counted) == (4, 3)
    assert [row[:2] for row in numbers(counted)] == [[3, 3], [1, 0]]


def test_totals_that_are_missing_are_made_and_those_of_nothing_removed(counted):
    frappe.db.delete("Click Daily Total", {"tracked_link": counted.name})
    factory.put_clicks(counted, [new_visitor()], variant="b")
    factory.drain()
    frappe.db.delete("Click Event", {"tracked_link": counted.name, "variant": "b"})
    frappe.db.commit()
    totals.rebuild(str(now_datetime().date() - timedelta(days=5)), counted.name)
    assert [(row.variant, row.clicks) for row in days(counted)] == [("a", 3), ("a", 1)]
    assert factory.counters(counted) == (4, 3)


def test_wrong_numbers_of_visitors_and_sessions_are_put_right(link):
    who = new_visitor()
    factory.put_clicks(link, [who])
    factory.drain()
    spoil("Visitor", {"name": who}, click_count=9, session_count=4)
    spoil("Visitor Session", {"visitor_id": who}, click_count=5, is_bounce=0)
    assert totals.rebuild_visitors([who]) == 3
    assert frappe.db.get_value("Visitor", who, ["click_count", "session_count"]) == (1, 1)
    assert frappe.db.get_value("Visitor Session", {"visitor_id": who}, ["click_count", "is_bounce"]) == (1, 1)


def test_days_whose_events_were_deleted_keep_their_totals(counted):
    yesterday = now_datetime().date() - timedelta(days=1)
    frappe.db.delete(
        "Click Event",
        {"tracked_link": counted.name, "click_timestamp": ("<", str(yesterday + timedelta(days=1)))},
    )
    frappe.db.commit()
    since = str(yesterday + timedelta(days=1))
    assert differences(counted, since) == []
    spoil("Tracked Link", {"name": counted.name}, click_count=1)
    totals.rebuild(since, counted.name)
    assert factory.counters(counted) == (4, 3)


def test_rebuilding_while_clicks_come_in_loses_none(counted):
    frappe.db.delete("Click Daily Total", {"tracked_link": counted.name})
    frappe.db.commit()
    names = [factory.put_clicks(counted, [new_visitor() for _ in range(5)], variant="a") for _ in range(16)]
    since = str(now_datetime().date() - timedelta(days=2))

    def work(number):
        if number % 4 == 3:
            return [totals.rebuild(since, counted.name) for _ in range(4)]
        return [process(some) for some in names[number % 4 :: 3]]

    factory.in_threads(work, range(4))
    factory.drain()
    totals.rebuild(since, counted.name)
    assert differences(counted) == []
    assert factory.counters(counted) == (84, 83)
    assert sum(row.clicks for row in days(counted)) == 84


def test_a_rebuild_waits_for_a_batch_that_is_being_written(counted):
    """Otherwise it would count without that batch, and write over what the batch has added."""
    names, written = factory.put_clicks(counted, [new_visitor()], variant="a"), threading.Event()

    def write_slowly():
        commit = frappe.db.commit

        def commit_later():
            written.set()
            time.sleep(1)
            commit()

        frappe.db.commit = commit_later
        ingest._process(1, names)

    def work(job):
        if job == "drain":
            return write_slowly()
        assert written.wait(20)
        return totals.rebuild_day(now_datetime().date(), counted.name)

    factory.in_threads(work, ["drain", "rebuild"])
    assert differences(counted) == []
    assert sum(row.clicks for row in days(counted)) == 5
