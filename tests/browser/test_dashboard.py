"""The dashboard as a campaign manager opens it: figures, filters, states, phone, dark theme, keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from time import time
from typing import Any

import pytest

from tests.browser import helpers
from tests.site import crm_factory as crm
from tests.site import factory
from tests.site.report_data import Season

pytestmark = crm.needs_crm
METHOD = "trackflow.api.dashboard"


@pytest.fixture(scope="module")
def season() -> Season:
    """It earned most: the tables show eight rows, and tests before this one may have left more than that."""
    season = Season()
    deal = crm.insert_deal(value=int(time()), trackflow_visitor_id=season.visitors[1])
    crm.close(deal, season.day(-2, hour=23))
    crm.finish_jobs()
    return season


@pytest.fixture(scope="module")
def office(browser: Any, season: Season) -> Iterator[Any]:
    user = helpers.make_user("dora.dashboard@example.com", "Campaign Manager", "Sales User")
    factory.click(season.a1)
    factory.drain()
    with helpers.desk_of(browser, user) as desk:
        yield desk


def open_dashboard(page: Any, **options: str) -> None:
    # A page that is open already is not shown again by going to it.
    helpers.go(page, "Workspaces", "TrackFlow")
    page.evaluate("options => { frappe.route_options = options }", options)
    helpers.go(page, "trackflow-dashboard")
    page.locator(".tfd-cards, .tfd-empty, .tfd-status button").locator("visible=true").first.wait_for()
    helpers.settle(page)
    # The chart is drawn once more a moment after it was drawn first.
    page.wait_for_timeout(1200)


def numbers(page: Any) -> list[str]:
    return page.locator(".tfd-value").all_inner_texts()


def test_it_shows_the_figures_of_the_last_30_days(office: Any, season: Season, shot: Any) -> None:
    page, errors = office
    asked: list[str] = []
    page.on("request", lambda request: METHOD in request.url and asked.append(request.url))
    open_dashboard(page)
    assert len(asked) <= 3
    page.locator(".tfd-box svg .bar, .tfd-box svg rect.bar").first.wait_for(state="attached")
    assert len(numbers(page)) == 6
    assert page.get_by_text("in the last 30 minutes").is_visible()
    page.locator(".tfd-grid").get_by_text(season.ads.name).first.wait_for()
    shot(page, "dashboard", full_page=True)
    assert errors == []


def test_a_campaign_is_chosen_and_its_numbers_lead_to_its_report(
    office: Any, season: Season, shot: Any
) -> None:
    page, errors = office
    open_dashboard(page, campaign=season.ads.name)
    page.wait_for_function("document.querySelector('.tfd-value').innerText === '5'")
    shot(page, "dashboard-campaign", full_page=True)
    page.locator(".tfd-value").first.click()
    page.wait_for_function("frappe.get_route()[1] === 'Link Performance' && frappe.query_report?.raw_data")
    assert page.evaluate("frappe.query_report.get_filter_value('campaign')") == season.ads.name
    assert errors == []


def test_a_source_in_the_table_filters_by_it(office: Any, season: Season) -> None:
    page, errors = office
    open_dashboard(page, campaign="")
    page.locator(".tfd-grid a", has_text=season.source).click()
    page.wait_for_function("document.querySelector('.tfd-value').innerText === '5'")
    assert page.locator("[data-fieldname=source] select").input_value() == season.source
    page.locator("[data-fieldname=source] select").select_option("")
    page.wait_for_function("document.querySelector('.tfd-value').innerText !== '5'")
    assert errors == []


def test_a_choice_is_asked_for_once(office: Any) -> None:
    page, errors = office
    open_dashboard(page)
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if f"{METHOD}.figures" in request.url else None
    )
    page.locator("[data-fieldname=period] select").select_option("7")
    # Desk tells of a choice once more after half a second.
    page.wait_for_timeout(2000)
    assert len(asked) == 1
    assert errors == []


def test_an_empty_period_and_a_failed_answer_say_so(office: Any, shot: Any) -> None:
    page, errors = office
    open_dashboard(page, from_date="1999-01-01", to_date="1999-02-01")
    page.get_by_text("Nothing happened in this period").wait_for()
    shot(page, "dashboard-empty")
    page.route(f"**/{METHOD}.figures", lambda route: route.abort())
    page.locator("[data-fieldname=period] select").select_option("7")
    page.get_by_text("The figures could not be loaded").wait_for()
    shot(page, "dashboard-error")
    page.unroute(f"**/{METHOD}.figures")
    # Cleared before anything can fail, so that the tests after this one are not blamed for it.
    errors[:] = [text for text in errors if "ERR_FAILED" not in text]
    if page.locator(".modal:visible").count():
        helpers.close_dialog(page)
    page.get_by_role("button", name="Try Again").click()
    page.locator(".tfd-cards").wait_for()
    assert errors == []


def test_a_single_day_is_drawn(office: Any, shot: Any) -> None:
    page, errors = office
    open_dashboard(page, period="0")
    page.locator(".tfd-box svg .bar, .tfd-box svg rect.bar").first.wait_for(state="attached")
    shot(page, "dashboard-today")
    assert errors == []


@pytest.mark.parametrize("width", [1024, 1300, 1600])
def test_no_day_is_written_into_the_next(office: Any, width: int) -> None:
    page, errors = office
    page.set_viewport_size({"width": width, "height": 900})
    try:
        open_dashboard(page, period="30")
        days = page.locator(".tfd-box svg").first.locator(".x.axis text")
        boxes = [days.nth(number).bounding_box() for number in range(days.count())]
    finally:
        page.set_viewport_size(helpers.DESKTOP)
    written = [box for box in boxes if box and box["width"]]
    assert len(written) >= 8
    assert all(one["x"] + one["width"] + 5 < other["x"] for one, other in pairwise(written))
    assert errors == []


def test_its_table_is_exported(office: Any) -> None:
    page, errors = office
    open_dashboard(page)
    with page.expect_download() as download:
        page.evaluate("frappe.pages['trackflow-dashboard'].trackflow_dashboard.export()")
    text = download.value.path().read_text()
    assert text.splitlines()[0].count(",") == 6 and "Total" in text
    assert errors == []


def test_it_fits_a_phone_and_a_dark_theme(office: Any, shot: Any) -> None:
    page, errors = office
    page.set_viewport_size(helpers.PHONE)
    open_dashboard(page)
    page.evaluate("document.documentElement.setAttribute('data-theme', 'dark')")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    shot(page, "dashboard-phone-dark", full_page=True)
    page.evaluate("document.documentElement.setAttribute('data-theme', 'light')")
    page.set_viewport_size(helpers.DESKTOP)
    assert wide <= 0
    assert errors == []


def test_its_days_can_be_read_without_the_chart(office: Any) -> None:
    page, errors = office
    open_dashboard(page, period="30")
    assert "new visitors" in page.locator(".tfd-box [role=img]").get_attribute("aria-label")
    summary = page.locator("[aria-labelledby=tfd-days] summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.locator("[aria-labelledby=tfd-days] table").wait_for()
    assert page.locator("[aria-labelledby=tfd-days] tbody tr").count() == 30
    assert errors == []


def test_who_may_not_see_sums_is_not_let_in(browser: Any) -> None:
    user = helpers.make_user("simon.sales@example.com", "Sales User")
    with helpers.desk_of(browser, user) as (page, _errors):
        answer = page.request.post(
            f"/api/method/{METHOD}.figures",
            headers={"X-Frappe-CSRF-Token": page.evaluate("frappe.csrf_token")},
        )
        assert answer.status == 403
        opened = page.request.get("/api/method/frappe.desk.desk_page.getpage?name=trackflow-dashboard")
        assert opened.status == 403
