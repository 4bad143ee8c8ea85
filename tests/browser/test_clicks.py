"""Clicks as Desk shows them while they wait, and clicks of a browser that fetches pages before anybody clicks."""

from __future__ import annotations

import json

import frappe
import pytest

from tests import harness
from tests.browser import helpers
from tests.site import factory
from trackflow import event_queue
from trackflow.attribution import requests


@pytest.fixture(scope="module")
def office(browser):
    with helpers.desk_of(browser, "Administrator") as desk:
        yield desk


def test_failed_clicks_are_tried_again_from_the_list(manager, errors, shot):
    link = factory.make_link()
    names = factory.put_clicks(link, [factory.new_visitor() for _ in range(2)], status="Failed")
    told = {"tries": 5, "error_message": "ValueError: the click can't be read"}
    frappe.db.set_value("Click Queue", {"name": ("in", names)}, told)
    frappe.db.commit()
    try_again(manager, "Click Queue", names)
    harness.wait_until(lambda: len(factory.events(link)) == 2)
    shot(manager, "click-queue-failed")
    assert errors == []


def test_failed_page_views_are_tried_again_from_the_list(manager, errors):
    view = factory.page_view(factory.new_visitor(), f"https://www.shop.example/{factory.unique('t')}")
    event_queue.put(view)
    frappe.db.set_value(event_queue.DOCTYPE, view.name, {"status": "Failed", "error_message": "ValueError"})
    frappe.db.commit()
    try_again(manager, event_queue.DOCTYPE, [view.name])
    harness.wait_until(lambda: frappe.db.exists("Visitor Event", {"page_url": view.url}))
    assert errors == []


def test_failed_credit_is_tried_again_from_the_list(manager, errors):
    lead = factory.unique("gone")
    requests.request("CRM Lead", lead)
    # As if its job had run and failed.
    frappe.db.after_commit.reset()
    asked = {"reference_doctype": "CRM Lead", "reference_name": lead}
    frappe.db.set_value(requests.DOCTYPE, asked, {"failures": 3, "error_message": "ValueError: unreadable"})
    name = frappe.db.get_value(requests.DOCTYPE, asked)
    frappe.db.commit()
    try_again(manager, requests.DOCTYPE, [name])
    # Nothing is left to do for a lead that is gone.
    harness.wait_until(lambda: not frappe.db.exists(requests.DOCTYPE, name))
    assert errors == []


def try_again(page, doctype, names):
    helpers.open_list(page, doctype)
    # Desk remembers the filters of the last time.
    page.evaluate("() => cur_list.filter_area.clear()")
    # What an earlier test was told may still stand there.
    page.evaluate("() => { $('.desk-alert').remove() }")
    for name in names:
        page.locator(f"input[data-name='{name}']").check()
    page.get_by_text("Actions", exact=True).locator("visible=true").first.click()
    page.get_by_text("Try Again", exact=True).locator("visible=true").first.click()
    page.get_by_text(f"Tried again: {len(names)}").wait_for()


def test_totals_are_compared_and_put_right_from_their_list(manager, errors, shot):
    link = factory.make_link()
    factory.put_clicks(link, [factory.new_visitor() for _ in range(2)])
    factory.drain()
    frappe.db.set_value("Tracked Link", link.name, "click_count", 77, update_modified=False)
    frappe.db.commit()
    helpers.open_list(manager, "Click Daily Total")
    helpers.button(manager, "Compare with Clicks").click()
    manager.get_by_text("Should Be", exact=True).wait_for()
    shot(manager, "daily-totals-differ")
    helpers.button(manager, "Put Right").click()
    harness.wait_until(lambda: factory.counters(link) == (2, 2), timeout=90)
    assert errors == []


def test_past_clicks_are_judged_again_from_the_preview(manager, errors, shot):
    link, other = factory.make_link(title="Watched"), factory.make_link()
    for one in (link, other):
        factory.put_clicks(one, [factory.new_visitor()], user_agent=f"{factory.CHROME} MyMonitor/1")
    factory.drain()
    with factory.settings(bot_user_agents="MyMonitor"):
        # However slow the server is, the report does not forget the link that it was opened for.
        with helpers.slow_answers(manager, "validate_link", "get_link_title"):
            helpers.open_report(manager, "Click Rejudgement Preview", tracked_link=link.name)
            manager.wait_for_function(
                "link => frappe.query_report.data?.length === 1 && frappe.query_report.data[0].tracked_link === link",
                arg=link.name,
                timeout=60_000,
            )
            helpers.settle(manager)
        shot(manager, "rejudgement-preview")
        helpers.button(manager, "Judge Again").click()
        helpers.wait_for_form(manager, "Click Rejudgement")
        helpers.save(manager)
        finished = {"tracked_link": link.name, "status": "Finished"}
        harness.wait_until(lambda: frappe.db.exists("Click Rejudgement", finished), timeout=90)
        assert factory.counters(link) == (0, 0)
        helpers.reload(manager)
        shot(manager, "rejudgement-finished")
        assert (helpers.value(manager, "judged"), helpers.value(manager, "changed")) == (1, 1)
        assert errors == []


def test_the_workspace_shows_what_waits(manager, errors, shot):
    helpers.go(manager, "Workspaces", "TrackFlow")
    manager.get_by_text("Oldest Waiting Click").first.wait_for()
    manager.get_by_text("none", exact=True).first.wait_for()
    shot(manager, "workspace-clicks-waiting")
    assert errors == []


def test_a_link_that_was_prefetched_and_then_clicked_counts_once(new_page):
    """Speculation rules, as pages use them to have links fetched beforehand; this page is on the site's own host."""
    link = factory.make_link(f"{harness.URL}/login")
    rule = {"source": "list", "urls": [f"/r/{link.short_code}"], "eagerness": "immediate"}
    rules = json.dumps({"prefetch": [rule]})
    html = f'<title>Offers</title><script type="speculationrules">{rules}</script><a href="/r/{link.short_code}">Offer</a>'
    visitor = helpers.as_visitor(new_page())
    visitor.route("**/offers", lambda route: route.fulfill(body=html, content_type="text/html"))
    visitor.goto("/offers")
    harness.wait_until(lambda: factory.queued(link))
    visitor.get_by_text("Offer").click()
    visitor.wait_for_url("**/login**")
    harness.wait_until(lambda: len(factory.queued(link)) == 2)
    factory.drain()
    found = [(event.verdict, event.verdict_reason) for event in factory.events(link)]
    assert found == [("prefetch", "Sec-Purpose: prefetch"), ("human", "")]
    assert factory.counters(link) == (1, 1)
