"""What people may not do is not offered to them."""

from __future__ import annotations

import re

import pytest

from tests.browser import helpers
from tests.site import factory

FORBIDDEN = (
    "TrackFlow Settings",
    "Click Queue",
    "TrackFlow API Key",
    "API Request Log",
)


@pytest.fixture
def manager(new_page):
    return helpers.log_in(new_page(), helpers.make_user("carla.campaign@example.com", "Campaign Manager"))


def test_workspace_shows_a_campaign_manager_no_setup(manager):
    helpers.go(manager, "Workspaces", "TrackFlow")
    manager.get_by_text("Attribution Models", exact=True).locator("visible=true").first.wait_for()
    assert not manager.get_by_text("Click Queue", exact=True).locator("visible=true").count()
    links = "[...document.querySelectorAll('a')].filter(a => a.href.includes('trackflow-settings')).length"
    assert manager.evaluate(links) == 0


def test_campaign_manager_may_not_open_setup(manager):
    allowed = manager.evaluate("frappe.boot.user.can_read")
    assert "Tracked Link" in allowed
    assert not set(allowed) & set(FORBIDDEN)
    manager.goto("/app/trackflow-settings")
    manager.get_by_text(re.compile("not found|permission", re.I)).locator("visible=true").first.wait_for()
    assert not manager.locator("[data-fieldname=enable_tracking]:visible").count()


def test_campaign_manager_reads_clicks_but_no_addresses(manager, console_errors):
    link = factory.make_link()
    factory.click(link)
    event = factory.event_of(link)
    helpers.open_form(manager, "Click Event", event.name)
    assert helpers.value(manager, "verdict") == "human"
    assert not helpers.value(manager, "ip_address")
    assert not helpers.value(manager, "user_agent")
    assert not manager.locator("[data-fieldname=ip_address]:visible").count()
    assert not manager.get_by_role("button", name="Save", exact=True).locator("visible=true").count()
    assert console_errors == []


def test_others_do_not_see_the_workspace(new_page):
    page = helpers.log_in(new_page(), helpers.make_user("walt.website@example.com", "Website Manager"))
    helpers.settle(page)
    assert not page.get_by_text("TrackFlow", exact=True).locator("visible=true").count()
    assert "Tracked Link" not in page.evaluate("frappe.boot.user.can_read")
