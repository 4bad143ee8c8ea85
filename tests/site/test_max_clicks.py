"""A link with max clicks: as many people get through as it says, however many come at once, and nobody else."""

from __future__ import annotations

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import frappe
import pytest

from tests import harness
from tests.site import factory
from tests.site.factory import DESTINATION, GOOGLEBOT, click, make_link, new_visitor

FALLBACK = "https://shop.example.com/over"
USED_UP = "This link was for a limited number of visits, which is reached."


def all_at_once(number, ask):
    """What ``number`` clients get that ask at the same moment."""
    start = threading.Barrier(number)
    clients = [harness.http_client() for _ in range(number)]

    def call(client):
        start.wait(30)
        return ask(client)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(call, clients))


def used(link):
    frappe.db.commit()
    return frappe.db.get_value("Link Quota", link.name, "used")


def went_through(responses):
    return [r for r in responses if r.status_code == 302 and r.headers["Location"] == DESTINATION]


def assert_used_up(response):
    assert response.status_code == 410
    assert USED_UP in response.text
    assert "Set-Cookie" not in response.headers


def test_of_50_people_at_once_exactly_as_many_get_through_as_the_link_allows():
    link = make_link(max_clicks=20)
    responses = all_at_once(50, lambda client: click(link, client))
    assert len(went_through(responses)) == 20
    refused = [response for response in responses if response.status_code != 302]
    assert len(refused) == 30
    for response in refused:
        assert_used_up(response)
    assert used(link) == len(factory.queued(link)) == 20
    factory.drain()
    assert [event.verdict for event in factory.events(link)] == ["human"] * 20
    assert factory.counters(link) == (20, 20)


def test_of_50_people_at_once_those_who_are_too_late_go_to_the_fallback():
    link = make_link(max_clicks=20, fallback_url=FALLBACK)
    responses = all_at_once(50, lambda client: click(link, client))
    ends = [response.headers["Location"] for response in responses]
    assert (ends.count(DESTINATION), ends.count(FALLBACK)) == (20, 30)


def test_one_visitor_who_clicks_50_times_at_once_takes_one_place():
    link, visitor = make_link(max_clicks=3), new_visitor()
    cookie = f"trackflow_visitor={visitor}"
    responses = all_at_once(50, lambda client: click(link, client, Cookie=cookie))
    assert len(went_through(responses)) == 50
    assert used(link) == 1
    factory.drain()
    assert factory.counters(link) == (1, 1)


def test_a_double_click_on_the_last_place_goes_through_both_times():
    link = make_link(max_clicks=1)
    visitor = harness.http_client()
    assert len(went_through([click(link, visitor), click(link, visitor)])) == 2
    assert_used_up(click(link))
    assert used(link) == 1


def test_the_same_visitor_takes_another_place_when_the_first_click_is_some_time_ago():
    link, visitor = make_link(max_clicks=2), harness.http_client()
    for taken in (1, 2):
        assert click(link, visitor).status_code == 302
        assert used(link) == taken
        frappe.db.sql(
            "UPDATE `tabLink Claim` SET claimed_at = claimed_at - INTERVAL 10 SECOND WHERE tracked_link = %s",
            link.name,
        )
        frappe.db.commit()
    assert_used_up(click(link, visitor))


def test_limited_links_that_are_clicked_at_the_same_moment_do_not_get_in_each_others_way():
    links = [make_link(max_clicks=100) for _ in range(10)]
    for turn in (1, 2, 3):
        responses = all_at_once(50, lambda client: click(secrets.choice(links), client))
        assert len(went_through(responses)) == 50, f"in turn {turn}"
    assert sum(used(link) or 0 for link in links) == 150


NOBODY = {
    "a robot": {"User_Agent": GOOGLEBOT},
    "no user agent": {"User_Agent": ""},
    "who opted out": {"Cookie": "trackflow_opt_out=1"},
}


@pytest.mark.parametrize("who", NOBODY)
def test_who_is_not_counted_takes_no_place_and_sees_what_people_see(who):
    link = make_link(max_clicks=1)
    assert len(went_through([click(link, **NOBODY[who]) for _ in range(3)])) == 3
    assert not used(link)
    assert len(went_through([click(link)])) == 1
    assert_used_up(click(link, **NOBODY[who]))


def test_neither_a_prefetch_nor_a_head_request_takes_a_place(http):
    link = make_link(max_clicks=1)
    assert click(link, Sec_Purpose="prefetch").status_code == 503
    assert http.request("HEAD", f"/r/{link.short_code}").status_code == 302
    assert not used(link)
    assert click(link).status_code == 302
    assert http.request("HEAD", f"/r/{link.short_code}").status_code == 410


def test_colleagues_take_no_place():
    link = make_link(max_clicks=1)
    with factory.settings(internal_ranges=["127.0.0.0/8", "::1"], exclude_internal_traffic=1):
        assert len(went_through([click(link) for _ in range(3)])) == 3
    assert not used(link)


def test_a_higher_limit_opens_the_link_again():
    link = make_link(max_clicks=1)
    click(link)
    assert_used_up(click(link))
    factory.change(link, max_clicks=2)
    assert click(link).status_code == 302
    assert_used_up(click(link))
    factory.change(link, max_clicks=0)
    assert click(link).status_code == 302


def test_a_limit_that_comes_later_counts_the_clicks_so_far():
    link = make_link()
    for _ in range(2):
        click(link)
    factory.drain()
    factory.change(link, max_clicks=3)
    assert click(link).status_code == 302
    assert_used_up(click(link))


def test_with_tracking_switched_off_the_limit_holds_and_nothing_is_recorded():
    link = make_link(max_clicks=1)
    with factory.settings(enable_tracking=0):
        assert click(link).status_code == 302
        assert_used_up(click(link))
    assert factory.queued(link) == []


def test_a_copy_of_a_link_has_places_of_its_own():
    link = make_link(max_clicks=1)
    click(link)
    copy = frappe.copy_doc(link, ignore_no_copy=False).insert()
    frappe.db.commit()
    assert click(copy).status_code == 302


def test_claims_are_cleared_with_the_logs():
    link = make_link(max_clicks=2)
    click(link)
    clear_old_logs = frappe.get_doc(doctype="Link Claim").clear_old_logs
    frappe.db.commit()
    clear_old_logs(days=1)
    assert frappe.db.count("Link Claim", {"tracked_link": link.name}) == 1
    frappe.db.sql("UPDATE `tabLink Claim` SET claimed_at = claimed_at - INTERVAL 25 HOUR")
    clear_old_logs(days=1)
    assert frappe.db.count("Link Claim", {"tracked_link": link.name}) == 0
    assert used(link) == 1


def test_a_deleted_link_leaves_no_quota_behind():
    link = make_link(max_clicks=1)
    click(link)
    frappe.delete_doc("Tracked Link", link.name)
    frappe.db.commit()
    assert not frappe.db.exists("Link Quota", link.name)
    assert not frappe.db.exists("Link Claim", {"tracked_link": link.name})


def test_a_place_is_not_taken_where_the_click_can_not_be_kept():
    link = make_link(max_clicks=1)
    frappe.db.sql_ddl("RENAME TABLE `tabClick Queue` TO `tabClick Queue Away`")
    try:
        response = click(link)
    finally:
        frappe.db.sql_ddl("RENAME TABLE `tabClick Queue Away` TO `tabClick Queue`")
    assert response.status_code == 500, "a table that is missing does not come back by itself"
    assert not used(link)
    assert click(link).status_code == 302
