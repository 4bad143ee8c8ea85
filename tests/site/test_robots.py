"""The site's own rules on robots hold from the next click on."""

from __future__ import annotations

import secrets
from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import factory
from tests.site.factory import click, make_link, new_visitor


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


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
def test_who_opens_many_links_in_a_second_is_a_robot(together):
    links, now = [make_link() for _ in range(6)], now_datetime()
    address = f"198.51.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    with factory.settings(max_links_per_second=3):
        for number, link in enumerate(links):
            at = now + timedelta(milliseconds=number)
            factory.put_clicks(link, [new_visitor()], at=at, status="Held", ip_address=address)
            if number == 2 and not together:
                release(links)
        release(links)
    found = [factory.events(link)[0].verdict for link in links]
    # What was judged before there were too many stays until it is judged again.
    assert found == (["bot"] * 6 if together else ["human"] * 3 + ["bot"] * 3)


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
