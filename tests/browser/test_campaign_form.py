"""What a campaign manager does with a whole campaign."""

from __future__ import annotations

import frappe
import pytest
from frappe.utils import add_days, today

from tests.browser import helpers
from tests.site import factory


@pytest.fixture(scope="module")
def office(browser):
    user = helpers.make_user("karl.campaigns@example.com", "Campaign Manager")
    with helpers.desk_of(browser, user) as desk:
        yield desk


@pytest.fixture
def campaign(site):
    campaign = factory.make_campaign(
        budget=1000,
        expected_roi=50,
        start_date=today(),
        end_date=add_days(today(), 9),
        pause_links_when_closed=1,
    )
    for title in ("Poster", "Flyer", "Badge"):
        factory.make_link(campaign=campaign.name, title=title)
    return campaign


def test_campaign_is_duplicated_with_its_links(office, campaign, shot):
    page, errors = office
    errors.clear()
    helpers.open_form(page, "Link Campaign", campaign.name)
    shot(page, "campaign-form", full_page=True)
    helpers.button(page, "Duplicate with Links").click()
    dialog = page.locator(".modal.show")
    dialog.get_by_text("All dates of campaign and links move").wait_for()
    page.wait_for_timeout(400)
    shot(page, "campaign-duplicate")
    name = factory.unique("Autumn")
    dialog.locator("input[data-fieldname=campaign_name]").fill(name)
    page.evaluate("day => { cur_dialog.set_value('start_date', day) }", add_days(today(), 30))
    helpers.settle(page)
    dialog.get_by_text("Duplicate", exact=True).click()
    page.wait_for_function("name => window.cur_frm && cur_frm.doc.name === name", arg=name)
    helpers.settle(page)
    assert helpers.value(page, "status") == "Draft"
    assert helpers.value(page, "end_date") == add_days(today(), 39)
    frappe.db.commit()
    assert frappe.db.count("Tracked Link", {"campaign": name}) == 3
    assert errors == []


def test_links_pause_when_the_campaign_is_completed_and_say_why(office, campaign, shot):
    page, errors = office
    errors.clear()
    helpers.open_form(page, "Link Campaign", campaign.name)
    helpers.choose(page, "status", "Completed")
    helpers.save(page)
    page.get_by_text("3 links were paused.").first.wait_for()
    link = frappe.db.get_value("Tracked Link", {"campaign": campaign.name})
    helpers.open_form(page, "Tracked Link", link)
    assert helpers.field(page, "paused_by_campaign").is_visible()
    shot(page, "link-paused-by-campaign")
    assert errors == []
