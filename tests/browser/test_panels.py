"""What forms show beside their fields, as a campaign manager sees it."""

from __future__ import annotations

import re

import frappe
import pytest
from frappe.utils import add_days, now_datetime

from tests.browser import helpers
from tests.site import factory


@pytest.fixture
def manager(office, errors):
    yield office[0]
    assert errors == []


@pytest.fixture(scope="module")
def managers_desk(browser):
    user = helpers.make_user("mona.manager@example.com", "TrackFlow Manager")
    with helpers.desk_of(browser, user) as desk:
        yield desk


@pytest.fixture
def head_office(managers_desk):
    page, errors = managers_desk
    errors.clear()
    yield page
    assert errors == []


def click_for_days(link):
    """Some clicks of some weeks, of people and of a robot."""
    now = now_datetime()
    for day in range(0, 24, 3):
        visitors = [factory.new_visitor() for _each in range(1 + day % 7)]
        factory.put_clicks(link, visitors, add_days(now, -day), referrer="https://www.news.example/")
    factory.put_clicks(link, [factory.new_visitor()], now, user_agent=factory.IPHONE)
    factory.put_clicks(link, [factory.new_visitor()], now, user_agent=factory.GOOGLEBOT)
    factory.drain()


def text_in(page, fieldname, text):
    helpers.field(page, fieldname).get_by_text(text).first.wait_for()


def test_link_shows_where_it_leads_who_clicks_and_its_variants(manager, shot):
    link = factory.make_link(title="Autumn poster", campaign=factory.make_campaign().name)
    click_for_days(link)
    helpers.open_form(manager, "Tracked Link", link.name)
    helpers.field(manager, "days_chart").locator("svg .bar").last.wait_for()
    text_in(manager, "audience", "news.example")
    text_in(manager, "audience", "Bot")
    # Typed, but not yet left or saved.
    manager.locator("input[data-fieldname=content]:visible").press_sequentially("big button")
    text_in(manager, "destination_preview", re.compile("utm_content=big%20button|utm_content=big\\+button"))
    shot(manager, "link-panel", full_page=True)
    helpers.reload(manager)

    text_in(manager, "variants_list", "All visitors go to the destination")
    helpers.button(manager, "Add Variant").click()
    dialog = helpers.dialog(manager)
    dialog.locator("input[data-fieldname=variant_name]").fill("Red button")
    dialog.get_by_text("Add", exact=True).click()
    text_in(manager, "variants_list", "Red button")
    shot(manager, "link-panel-variants", full_page=True)

    helpers.button(manager, "View").click()
    manager.get_by_text("Statistics", exact=True).locator("visible=true").first.click()
    manager.wait_for_function("window.cur_page && frappe.query_report && frappe.query_report.data")
    helpers.settle(manager)
    assert manager.evaluate("frappe.query_report.get_filter_values().tracked_link") == link.name
    manager.locator(".frappe-chart:visible").first.wait_for()
    helpers.settle(manager)
    shot(manager, "link-statistics")
    helpers.open_form(manager, "Tracked Link", link.name)

    helpers.button(manager, "Actions").click()
    manager.get_by_text("Pause", exact=True).locator("visible=true").first.click()
    manager.wait_for_function("cur_frm.doc.status === 'Paused' && !cur_frm.doc.__unsaved")
    helpers.settle(manager)
    helpers.button(manager, "Actions").click()
    manager.get_by_text("Duplicate", exact=True).locator("visible=true").first.click()
    manager.wait_for_function("name => cur_frm?.doc && cur_frm.doc.name !== name", arg=link.name)
    helpers.settle(manager)
    frappe.db.commit()
    assert frappe.db.count("Tracked Link", {"campaign": link.campaign}) == 2


def test_campaign_shows_its_funnel_days_and_links_and_makes_more(manager, shot):
    link = factory.make_link(title="Autumn flyer", campaign=factory.make_campaign(budget=300).name)
    click_for_days(link)
    helpers.open_form(manager, "Link Campaign", link.campaign)
    text_in(manager, "funnel", "Visitors")
    helpers.field(manager, "days_chart").locator("svg .bar").last.wait_for()
    text_in(manager, "links_list", "Autumn flyer")
    shot(manager, "campaign-panel", full_page=True)
    helpers.button(manager, "More Links").click()
    manager.get_by_text("Import", exact=True).locator("visible=true").first.click()
    helpers.wait_for_form(manager, "Link Import")
    assert helpers.value(manager, "campaign") == link.campaign


def test_visitor_shows_the_journey_and_earlier_pages_of_it(manager, shot):
    link = factory.make_link(title="Autumn badge", campaign=factory.make_campaign().name)
    visitor = factory.new_visitor()
    for hour in range(16):
        factory.put_clicks(link, [visitor], add_days(now_datetime(), -hour))
    factory.drain()
    helpers.open_form(manager, "Visitor", visitor)
    text_in(manager, "journey", "Followed the link Autumn badge")
    shot(manager, "visitor-journey")
    entries = helpers.field(manager, "journey").locator("li")
    assert entries.count() == 25
    helpers.button(manager, "Show Earlier").click()
    # Each day one visit and one click.
    entries.nth(31).wait_for()
    assert not helpers.button(manager, "Show Earlier").is_visible()


def test_worked_example_follows_the_weights_as_they_are_typed(head_office, shot):
    helpers.open_form(head_office, "Attribution Model", "Position Based")
    text_in(head_office, "example", "40.0 %")
    box = head_office.locator("input[data-fieldname=position_based_first_weight]:visible").first
    box.click()
    # Frappe selects the number a moment later.
    head_office.wait_for_timeout(200)
    box.fill("55")
    text_in(head_office, "example", "55.0 %")
    shot(head_office, "attribution-model-example", full_page=True)
    box.fill("85")
    text_in(head_office, "example", "Together they can have from 0 to 100 %")
    head_office.evaluate("() => cur_frm.reload_doc()")
    helpers.settle(head_office)


def test_settings_are_tried_out_before_they_are_saved(head_office, shot):
    helpers.open_form(head_office, "TrackFlow Settings")
    for label in ("How Is My Address Seen?", "Is My Address Internal?", "Test the Database"):
        helpers.button(head_office, label).click()
    text_in(head_office, "proxies_test", "Your address is seen as")
    text_in(head_office, "ranges_test", "your clicks are")
    text_in(head_office, "geoip_test", re.compile("is seen as|Enter the path"))
    shot(head_office, "settings-tests")
