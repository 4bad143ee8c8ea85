"""The site's own rules on robots hold from the next click on."""

from __future__ import annotations

import secrets
from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import factory
from tests.site.factory import click, make_link, new_visitor
from trackflow import ingest
from trackflow.corrections import bursts


def test_a_user_agent_of_the_own_list_does_not_count():
    link = make_link()
    with factory.settings(bot_user_agents="MyMonitor"):
        click(link, User_Agent=f"{factory.CHROME} mymonitor/1.0")
        event = factory.event_of(link)
    assert (event.verdict, event.verdict_reason) == ("bot", "robot of your own list: mymonitor")
    assert factory.counters(link) == (0, 0)


def test_a_known_robot_is_named():
    link = make_link()
    click(link, User_Agent=factory.GOOGLEBOT)
    assert factory.event_of(link).verdict_reason == "robot: Googlebot"


def release(links):
    """Let the site drain what was held, in one go."""
    held = {"status": "Held", "tracked_link": ("in", [link.name for link in links])}
    frappe.db.set_value("Click Queue", held, "status", "Pending")
    frappe.db.commit()
    factory.drain()


def a_robot(links, gaps_ms=1, since=None):
    """Hold a click on each of ``links``, all by one client, that many milliseconds apart; return its address."""
    address = f"198.51.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    since = since or now_datetime() - timedelta(minutes=secrets.randbelow(1000), days=1)
    for number, link in enumerate(links):
        at = since + timedelta(milliseconds=number * gaps_ms)
        factory.put_clicks(link, [new_visitor()], at=at, status="Held", ip_address=address)
    return address


@pytest.mark.parametrize(
    "batches",
    [[6], [3, 3], [1, 1, 1, 1, 1, 1], [5, 1]],
    ids=str,
)
@pytest.mark.parametrize("in_order", [True, False], ids=["in order", "last first"])
def test_who_opens_many_links_in_a_second_is_a_robot_whatever_the_batches(batches, in_order):
    links = [make_link() for _ in range(6)]
    with factory.settings(max_links_per_second=3):
        a_robot(links, gaps_ms=150)
        left = links if in_order else links[::-1]
        for size in batches:
            release(left[:size])
            left = left[size:]
    found = [factory.events(link)[0] for link in links]
    assert {event.verdict_reason for event in found} == {"more than 3 links in a second from one address"}
    assert [factory.counters(link) for link in links] == [(0, 0)] * 6
    assert not frappe.db.exists("Visitor", {"name": ("in", [event.visitor_id for event in found])})


def test_what_a_late_click_changes_is_recorded():
    links = [make_link() for _ in range(4)]
    with factory.settings(max_links_per_second=3):
        a_robot(links)
        release(links[1:])
        assert [factory.counters(link) for link in links[1:]] == [(1, 1)] * 3
        release(links[:1])
    fields = ["tracked_link", "old_verdict", "new_verdict", "rejudgement"]
    names = [link.name for link in links]
    changes = frappe.get_all("Verdict Change", {"tracked_link": ("in", names)}, fields, order_by="name asc")
    assert {(one.tracked_link, one.old_verdict, one.new_verdict) for one in changes} == {
        (name, "human", "bot") for name in names
    }


def test_two_workers_with_half_of_a_burst_each_recognise_all_of_it():
    links = [make_link() for _ in range(6)]
    with factory.settings(max_links_per_second=5):
        a_robot(links)
        factory.in_threads(lambda half: release(half), [links[::2], links[1::2]])
    assert [factory.events(link)[0].verdict for link in links] == ["bot"] * 6


def test_a_drain_that_was_killed_before_it_looked_is_caught_up_with():
    links = [make_link() for _ in range(4)]
    with factory.settings(max_links_per_second=3):
        a_robot(links, since=now_datetime() - timedelta(minutes=30))
        for link in links:
            name = frappe.db.get_value("Click Queue", {"tracked_link": link.name})
            frappe.db.set_value("Click Queue", name, "status", "Pending")
            ingest._process(1, [name])
        assert [factory.counters(link) for link in links] == [(1, 1)] * 4
        bursts.catch_up()
    assert [factory.counters(link) for link in links] == [(0, 0)] * 4


def test_who_takes_longer_for_as_many_links_stays_human():
    links = [make_link() for _ in range(6)]
    with factory.settings(max_links_per_second=3):
        a_robot(links, gaps_ms=340)
        for link in links:
            release([link])
    assert [factory.counters(link) for link in links] == [(1, 1)] * 6


def test_people_behind_one_proxy_may_open_many_links():
    links = [make_link() for _ in range(4)]
    with factory.settings(max_links_per_second=3, trusted_proxies="203.0.113.0/24"):
        for link in links:
            factory.put_clicks(link, [new_visitor()], ip_address="203.0.113.78")
        factory.drain()
    assert [factory.counters(link) for link in links] == [(1, 1)] * 4


@pytest.mark.parametrize(
    "values", [{"bot_user_agents": "Mozilla"}, {"bot_user_agents": "x"}, {"max_links_per_second": 1}], ids=str
)
def test_rules_that_would_hit_people_are_refused(site, values):
    with pytest.raises(frappe.ValidationError):
        factory.save_settings(**values)
