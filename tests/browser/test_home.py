"""The workspace as somebody sees it who opens it: charts, and the checklist of a new site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import frappe
import pytest

from tests import harness
from tests.browser import helpers
from tests.site.report_data import Season

CHARTS = ("Clicks by Day", "Clicks by Source", "Campaigns by Credited Value")
STEPS = ("Look Through the Settings", "Create a Campaign", "Create a Link", "Click It Yourself")


@pytest.fixture(scope="module")
def season() -> Season:
    return Season()


@pytest.fixture(scope="module")
def head(browser: Any) -> Iterator[tuple[Any, list[str]]]:
    """The page of somebody who sets TrackFlow up."""
    user = helpers.make_user("tilda.trackflow@example.com", "TrackFlow Manager", "Campaign Manager")
    with helpers.desk_of(browser, user) as desk:
        yield desk


@pytest.fixture
def new_site() -> Iterator[None]:
    """Nothing of the checklist is ticked, as on a new site; afterwards it is as it was."""
    steps = {
        row.name: {"is_complete": row.is_complete, "is_skipped": row.is_skipped}
        for row in frappe.get_all(
            "Onboarding Step", {"name": ("like", "TrackFlow:%")}, ["name", "is_complete", "is_skipped"]
        )
    }
    enabled = frappe.db.get_single_value("System Settings", "enable_onboarding")
    is_complete = frappe.db.get_value("Module Onboarding", "TrackFlow", "is_complete")
    _write({step: {"is_complete": 0, "is_skipped": 0} for step in steps}, enabled=1, is_complete=0)
    yield
    _write(steps, enabled=enabled, is_complete=is_complete)


def _write(steps: dict[str, dict], *, enabled: int, is_complete: int) -> None:
    frappe.db.set_single_value("System Settings", "enable_onboarding", enabled)
    frappe.db.set_value("Module Onboarding", "TrackFlow", "is_complete", is_complete)
    for name, values in steps.items():
        frappe.db.set_value("Onboarding Step", name, values)
    frappe.db.commit()
    frappe.clear_cache()


def end_tour(page: Any) -> None:
    """Leave Frappe's own tour of Desk, which listens to Escape only a moment after it has begun."""
    overlay = page.locator("#driver-page-overlay")
    for _try in range(40):
        page.keyboard.press("Escape")
        page.wait_for_timeout(500)
        if not overlay.count():
            return
    raise AssertionError("the tour of Desk does not end")


def open_workspace(page: Any) -> None:
    helpers.go(page, "Workspaces", "TrackFlow")
    for name in CHARTS:
        chart = page.locator(".dashboard-widget-box:visible").filter(has_text=name).first
        chart.locator("svg.frappe-chart").wait_for()
    page.wait_for_timeout(500)
    helpers.settle(page)


def test_the_charts_are_drawn_again_and_again_without_complaints(
    office: Any, season: Season, shot: Any
) -> None:
    page, errors = office
    errors.clear()
    for _visit in range(2):
        open_workspace(page)
        helpers.go(page, "List", "Tracked Link")
    open_workspace(page)
    # While they are drawn the window changes, and somebody leaves.
    page.set_viewport_size(helpers.PHONE)
    page.wait_for_timeout(100)
    page.set_viewport_size(helpers.DESKTOP)
    helpers.settle(page)
    shot(page, "home-desktop", full_page=True)
    assert errors == []


def test_the_workspace_on_a_phone_and_in_the_dark(office: Any, season: Season, shot: Any) -> None:
    page, errors = office
    errors.clear()
    page.set_viewport_size(helpers.PHONE)
    page.evaluate("document.documentElement.setAttribute('data-theme', 'dark')")
    open_workspace(page)
    shot(page, "home-phone-dark", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.evaluate("document.documentElement.setAttribute('data-theme', 'light')")
    page.set_viewport_size(helpers.DESKTOP)
    assert errors == []


def test_the_checklist_ticks_itself(head: Any, season: Season, new_site: None, shot: Any) -> None:
    page, errors = head
    errors.clear()
    page.goto("/app/trackflow")
    for step in STEPS:
        page.locator(".onboarding-step:visible").filter(has_text=step).wait_for()
    helpers.settle(page)
    end_tour(page)
    shot(page, "home-checklist")
    done = page.locator(".onboarding-step.complete:visible .step-title").all_inner_texts()
    # The season has campaigns, links, clicks and leads; other tests may have published a form.
    assert {text.split("\n")[-1].strip() for text in done} >= {
        "Create a Campaign",
        "Create a Link",
        "Click It Yourself",
        "See Where a Lead Came From",
    }
    page.locator(".onboarding-step:visible").filter(has_text=STEPS[0]).click()
    helpers.button(page, "Open the Settings").click()
    helpers.wait_for_form(page, "TrackFlow Settings")
    # The number that the step shows selects its content a moment after it was entered.
    page.wait_for_timeout(500)
    helpers.save(page)
    frappe.db.rollback()
    assert frappe.db.get_value("Onboarding Step", "TrackFlow: Settings", "is_complete") == 1
    assert errors == []


def test_campaigns_stand_below_frappe_crm(office: Any, season: Season, shot: Any) -> None:
    page, errors = office
    page.goto("/app/campaign-results")
    for text in ("Won Value of Campaigns", "Campaigns by Credited Value", "Campaign Performance"):
        page.get_by_text(text, exact=True).locator("visible=true").first.wait_for()
    page.locator(".dashboard-widget-box:visible svg.frappe-chart").nth(2).wait_for()
    helpers.settle(page)
    # Charts begin at zero.
    page.wait_for_timeout(1000)
    shot(page, "home-below-crm", full_page=True)
    beside = page.locator(".sidebar-item-container[item-name='Frappe CRM']")
    assert beside.locator("[item-name='Campaign Results']").count() == 1
    assert errors == []


def test_the_app_is_among_those_of_its_users(browser: Any) -> None:
    """The screen of apps is newer than some versions of Frappe; what it asks is the same in all."""
    for role, is_there in (("Campaign Manager", True), ("Sales User", False)):
        frappe.set_user(helpers.make_user(f"{role.split()[0].lower()}.apps@example.com", role))
        (app,) = frappe.get_hooks("add_to_apps_screen", app_name="trackflow")
        assert frappe.get_attr(app["has_permission"])() is is_there
        frappe.set_user("Administrator")
    page = browser.new_page()
    answer = page.request.get(harness.URL + app["logo"])
    assert (answer.status, answer.headers["content-type"].split(";")[0]) == (200, "image/svg+xml")
    page.close()
