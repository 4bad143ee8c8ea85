"""From the click to the event, the visitor, the session and the counters."""

from __future__ import annotations

from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import factory
from tests.site.factory import CHROME, GOOGLEBOT, IPHONE, click, make_campaign, make_link, new_visitor


def visitor(name):
    return frappe.db.get_value("Visitor", name, "*", as_dict=True)


def sessions(visitor_id):
    filters = {"visitor_id": visitor_id}
    return frappe.get_all("Visitor Session", filters, ["*"], order_by="session_start asc")


# ---------------------------------------------------------------- the way of a click


def test_a_click_becomes_a_row_and_the_row_an_event_of_the_same_name():
    campaign = make_campaign()
    link = make_link(campaign=campaign.name)
    click(link, Referer="https://www.search.example/?q=x", Accept_Language="de-DE,de;q=0.9")
    (row,) = factory.queued(link)
    event = factory.event_of(link)
    assert event.name == row.name
    assert (event.verdict, event.event_type, event.is_unique) == ("human", "Click", 1)
    assert (event.tracked_link, event.short_code, event.campaign) == (
        link.name,
        link.short_code,
        campaign.name,
    )
    assert event.visitor_id == row.visitor_id
    assert event.destination_url == link.target_url
    assert event.page_url.endswith(f"/r/{link.short_code}")
    assert event.referrer == "https://www.search.example/?q=x"
    assert frappe.parse_json(event.event_data) == {"language": "de-DE,de;q=0.9"}


def test_a_row_keeps_what_it_says_and_gives_back_the_room_for_marking_it():
    link = make_link(campaign=make_campaign().name)
    factory.put_clicks(link, [new_visitor()])
    (waiting,) = factory.queued(link)
    factory.drain()
    (row,) = factory.queued(link)
    assert (row.status, row.utm_parameters) == ("Processed", waiting.utm_parameters.rstrip())
    assert len(row.utm_parameters) < len(waiting.utm_parameters)
    assert frappe.parse_json(row.utm_parameters)["campaign"] == factory.event_of(link).utm_campaign


def test_an_event_has_the_utm_parameters_of_its_link():
    campaign = make_campaign(source="news", medium="email")
    link = make_link(campaign=campaign.name, content="top", term="shoes")
    click(link)
    event = factory.event_of(link)
    utm = [event[f"utm_{name}"] for name in ("source", "medium", "campaign", "content", "term")]
    assert utm == ["news", "email", campaign.campaign_id, "top", "shoes"]


def test_the_event_has_the_time_of_the_click_not_of_its_processing():
    link, at = make_link(), now_datetime() - timedelta(hours=3)
    factory.put_clicks(link, [new_visitor()], at=at)
    event = factory.event_of(link)
    assert (event.click_timestamp, event.creation) == (at, at)
    assert frappe.db.get_value("Tracked Link", link.name, "last_click").replace(microsecond=0) == at.replace(
        microsecond=0
    )


def test_background_workers_turn_clicks_into_events_by_themselves(wait_until):
    link = make_link()
    click(link)
    wait_until(lambda: factory.events(link), timeout=75)
    (row,) = factory.queued(link)
    assert (row.status, bool(row.processed_at)) == ("Processed", True)


@pytest.mark.parametrize(
    ("user_agent", "device", "browser", "system"),
    [(CHROME, "Desktop", "Chrome", "Linux"), (IPHONE, "Mobile", "Mobile Safari", "iOS")],
)
def test_device_browser_and_system_are_read_from_the_user_agent(user_agent, device, browser, system):
    link = make_link()
    click(link, User_Agent=user_agent)
    event = factory.event_of(link)
    assert (event.device_type, event.browser, event.os) == (device, browser, system)


def test_a_robot_is_recorded_and_counts_nowhere():
    campaign = make_campaign()
    link = make_link(campaign=campaign.name)
    factory.make_variant(link, "A", "https://a.example/")
    click(link, User_Agent=GOOGLEBOT)
    event = factory.event_of(link)
    assert (event.verdict, event.device_type, event.is_unique) == ("bot", "Bot", 0)
    assert (event.visitor_id, event.session) == (None, None)
    assert (factory.counters(link), factory.counters(campaign)) == ((0, 0), (0, 0))
    assert frappe.db.get_value("Campaign Link Variant", {"tracked_link": link.name}, "clicks") == 0


@pytest.mark.parametrize("header", [{"User_Agent": GOOGLEBOT}, {"Sec_Purpose": "prefetch"}], ids=str)
def test_a_click_of_nobody_makes_no_visitor(header):
    link = make_link()
    click(link, **header)
    factory.drain()
    (row,) = factory.queued(link)
    assert not frappe.db.exists("Visitor", row.visitor_id)


# ---------------------------------------------------------------- visitors and sessions


def test_a_click_makes_a_visitor_with_its_first_touch_and_a_session():
    campaign = make_campaign(source="news", medium="email")
    link = make_link(campaign=campaign.name)
    click(link, Referer="https://a.example/")
    event = factory.event_of(link)
    made = visitor(event.visitor_id)
    assert (made.source, made.medium, made.campaign) == ("news", "email", campaign.name)
    assert (made.first_seen, made.last_seen) == (event.click_timestamp, event.click_timestamp)
    assert (made.click_count, made.session_count, made.referrer) == (1, 1, "https://a.example/")
    (session,) = sessions(event.visitor_id)
    assert (session.name, session.click_count, session.is_bounce) == (event.session, 1, 1)
    assert (session.source, session.campaign, session.entry_page) == ("news", campaign.name, link.target_url)


def test_the_first_touch_stays_and_the_last_visit_moves():
    first, second = (make_link(campaign=make_campaign(source=name).name) for name in ("one", "two"))
    who, now = new_visitor(), now_datetime()
    factory.put_clicks(first, [who], at=now - timedelta(days=2))
    factory.drain()
    factory.put_clicks(second, [who], at=now)
    factory.drain()
    seen = visitor(who)
    assert (seen.source, seen.campaign) == ("one", first.campaign)
    assert (seen.first_seen, seen.last_seen) == (now - timedelta(days=2), now)
    assert (seen.click_count, seen.session_count) == (2, 2)


def test_a_click_that_arrives_late_is_put_in_its_place():
    link, who, now = make_link(), new_visitor(), now_datetime()
    factory.put_clicks(link, [who], at=now)
    factory.drain()
    factory.put_clicks(link, [who], at=now - timedelta(days=1))
    factory.drain()
    seen = visitor(who)
    assert (seen.first_seen, seen.last_seen, seen.session_count) == (now - timedelta(days=1), now, 2)
    assert factory.counters(link) == (2, 1)


@pytest.mark.parametrize(("minutes", "number"), [(29, 1), (31, 2)])
def test_a_session_ends_after_30_minutes_without_a_click(minutes, number):
    link, who, now = make_link(), new_visitor(), now_datetime()
    for at in (now, now + timedelta(minutes=minutes)):
        factory.put_clicks(link, [who], at=at)
        factory.drain()
    assert len(sessions(who)) == number
    assert len({event.session for event in factory.events(link)}) == number


def test_a_new_campaign_begins_a_session():
    links = [make_link(campaign=make_campaign().name) for _ in range(2)]
    who = new_visitor()
    for link in links:
        factory.put_clicks(link, [who])
    factory.drain()
    assert [session.campaign for session in sessions(who)] == [link.campaign for link in links]


# ---------------------------------------------------------------- duplicates


@pytest.mark.parametrize(("seconds", "verdict"), [(9, "duplicate"), (11, "human")])
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
def test_the_same_link_again_within_10_seconds_is_a_duplicate(seconds, verdict, together):
    link, who, now = make_link(), new_visitor(), now_datetime().replace(microsecond=0)
    factory.put_clicks(link, [who], at=now)
    if not together:
        factory.drain()
    factory.put_clicks(link, [who], at=now + timedelta(seconds=seconds))
    factory.drain()
    assert [event.verdict for event in factory.events(link)] == ["human", verdict]
    assert factory.counters(link) == (1 + (verdict == "human"), 1)
    assert visitor(who).click_count == factory.counters(link)[0]


def test_a_double_click_over_http_counts_once(http):
    link = make_link()
    click(link, http)
    click(link, http)
    factory.drain()
    assert [event.verdict for event in factory.events(link)] == ["human", "duplicate"]
    assert factory.counters(link) == (1, 1)


def test_another_link_is_no_duplicate():
    links, who, now = [make_link(), make_link()], new_visitor(), now_datetime()
    for link in links:
        factory.put_clicks(link, [who], at=now)
    factory.drain()
    assert [factory.counters(link) for link in links] == [(1, 1), (1, 1)]


# ---------------------------------------------------------------- around the clock


def test_a_click_at_the_last_moment_of_the_year_keeps_its_date():
    link, at = make_link(), datetime(2024, 12, 31, 23, 59, 59, 999999)
    factory.put_clicks(link, [new_visitor()], at=at)
    assert factory.event_of(link).click_timestamp == at
