"""A campaign manager opens each report: figures, chart and links are there, and nothing is wrong in the console."""

from __future__ import annotations

from typing import Any

import frappe
import pytest

from tests.browser import helpers
from tests.site import crm_factory as crm
from tests.site.report_data import Season

pytestmark = crm.needs_crm

REPORTS = [
    "Campaign Performance", "Link Performance", "Deal Attribution", "Model Comparison", "Channel Overview",
    "Lead Attribution", "Click Quality", "Conversion Funnel", "Visitor Journey", "Cohorts",
]  # fmt: skip


@pytest.fixture(scope="module")
def season() -> Season:
    return Season()


@pytest.fixture(scope="module")
def office(browser: Any, season: Season) -> Any:
    # Leads and deals are shown to those who may read them.
    user = helpers.make_user("rita.reports@example.com", "Campaign Manager", "Sales User")
    with helpers.desk_of(browser, user) as desk:
        yield desk


def open_report(page: Any, name: str, **filters: str) -> None:
    page.evaluate("filters => { frappe.route_options = filters }", filters)
    helpers.go(page, "query-report", name)
    page.wait_for_function(
        "name => window.frappe.query_report && frappe.query_report.report_name === name"
        " && frappe.query_report.raw_data && !frappe.query_report.$loading?.is(':visible')",
        arg=name,
    )
    helpers.settle(page)
    # The bars grow for a while.
    page.wait_for_timeout(1200)


def row_texts(page: Any) -> str:
    return page.locator(".dt-scrollable:visible").inner_text()


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_opens_with_figures(office: Any, season: Season, name: str, shot: Any) -> None:
    page, errors = office
    about = {"deal": season.first.name} if name == "Visitor Journey" else {}
    open_report(page, name, **about)
    shot(page, "report-" + name.lower().replace(" ", "-"))
    assert page.locator(".dt-row:visible").count() > 1
    assert page.locator(".report-summary:visible, .report-summary .summary-item:visible").count()
    if name != "Visitor Journey":
        assert page.locator(".report-chart svg:visible, .chart-wrapper svg:visible").count()
    assert errors == []


def test_from_a_campaign_to_its_links_and_their_deals(office: Any, season: Season) -> None:
    page, errors = office
    open_report(page, "Campaign Performance", campaign=season.ads.name)
    page.locator(".dt-cell:visible a[href*='Link%20Performance']").first.click()
    page.wait_for_function("frappe.get_route()[1] === 'Link Performance'")
    helpers.settle(page)
    page.get_by_text(season.a2.title).locator("visible=true").first.wait_for()
    assert page.evaluate("frappe.query_report.get_filter_value('campaign')") == season.ads.name
    assert errors == []


def test_the_digest_is_ordered_and_ended_from_the_report(office: Any, season: Season, shot: Any) -> None:
    page, errors = office
    open_report(page, "Campaign Performance")
    page.locator("button:visible", has_text="Email Me Weekly").click()
    page.get_by_text("by e-mail every Monday").locator("visible=true").wait_for()
    shot(page, "report-digest")
    page.locator("button:visible", has_text="Stop the Weekly Email").click()
    page.locator("button:visible", has_text="Email Me Weekly").wait_for()
    assert errors == []


def test_the_workspace_has_them_all(office: Any, season: Season, shot: Any) -> None:
    page, errors = office
    helpers.go(page, "Workspaces", "TrackFlow")
    for name in REPORTS:
        page.locator(".link-item:visible").get_by_text(name, exact=True).first.wait_for()
    shot(page, "workspace-reports", full_page=True)
    assert errors == []


def test_who_may_not_see_sums_cannot_open_them(browser: Any, season: Season) -> None:
    user = helpers.make_user("sally.sales@example.com", "Sales User")
    with helpers.desk_of(browser, user) as (page, _errors):
        answer = page.request.post(
            "/api/method/frappe.desk.query_report.run",
            form={"report_name": "Campaign Performance"},
            headers={"X-Frappe-CSRF-Token": page.evaluate("frappe.csrf_token")},
        )
        assert answer.status == 403
        assert season.ads.name not in answer.text()


def test_an_empty_period_says_so(office: Any, season: Season) -> None:
    page, errors = office
    open_report(page, "Cohorts", from_date="1971-01-01", to_date="1971-02-01")
    page.get_by_text("Nothing to show").locator("visible=true").first.wait_for()
    assert errors == []


def test_a_report_is_exported(office: Any, season: Season) -> None:
    page, errors = office
    answer = page.request.post(
        "/api/method/frappe.desk.query_report.export_query",
        form={
            "report_name": "Campaign Performance",
            "filters": frappe.as_json({"campaign": season.ads.name}),
            "file_format_type": "CSV",
            "visible_idx": "[0]",
        },
        headers={"X-Frappe-CSRF-Token": page.evaluate("frappe.csrf_token")},
    )
    assert answer.ok, answer.text()[:300]
    assert season.ads.name in answer.text()
    assert errors == []
