"""What a campaign manager does with a whole campaign."""

from __future__ import annotations

import frappe
import pytest
from frappe.utils import add_days, today

from tests.browser import helpers
from tests.site import crm_factory, factory


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


def test_campaign_is_duplicated_with_its_links(manager, campaign, shot, errors):
    helpers.open_form(manager, "Link Campaign", campaign.name)
    shot(manager, "campaign-form", full_page=True)
    helpers.button(manager, "Duplicate with Links").click()
    dialog = helpers.dialog(manager)
    dialog.get_by_text("All dates of campaign and links move").wait_for()
    shot(manager, "campaign-duplicate")
    name = factory.unique("Autumn")
    dialog.locator("input[data-fieldname=campaign_name]").fill(name)
    manager.evaluate("day => { cur_dialog.set_value('start_date', day) }", add_days(today(), 30))
    helpers.settle(manager)
    dialog.get_by_text("Duplicate", exact=True).click()
    manager.wait_for_function("name => window.cur_frm?.doc?.name === name", arg=name)
    helpers.settle(manager)
    assert helpers.value(manager, "status") == "Draft"
    assert helpers.value(manager, "end_date") == add_days(today(), 39)
    frappe.db.commit()
    assert frappe.db.count("Tracked Link", {"campaign": name}) == 3
    assert errors == []


@crm_factory.needs_crm
def test_won_value_is_in_the_currency_of_the_answer(manager, campaign, errors):
    """Not in the site's, which may have none: Desk then takes the first currency that there is."""

    def answer(route):
        told = route.fetch()
        message = told.json()["message"] | {"currency": "XTS"}
        route.fulfill(response=told, json={"message": message})

    overview = "**/api/method/trackflow.api.campaigns.overview*"
    manager.route(overview, answer)
    helpers.open_form(manager, "Link Campaign", campaign.name)
    manager.get_by_text("Won value: XTS 0.00, as the model").wait_for()
    assert manager.get_by_text("XTS 0.00", exact=True).count() == 3
    manager.unroute(overview)
    assert errors == []


def test_links_pause_when_the_campaign_is_completed_and_say_why(manager, campaign, shot, errors):
    helpers.open_form(manager, "Link Campaign", campaign.name)
    helpers.choose(manager, "status", "Completed")
    helpers.save(manager)
    manager.get_by_text("3 links were paused.").first.wait_for()
    link = frappe.db.get_value("Tracked Link", {"campaign": campaign.name})
    helpers.open_form(manager, "Tracked Link", link)
    assert helpers.field(manager, "paused_by_campaign").is_visible()
    shot(manager, "link-paused-by-campaign")
    assert errors == []
