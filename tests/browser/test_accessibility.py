"""axe finds nothing serious in what TrackFlow draws; Desk around it is Frappe's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import frappe
import pytest

from tests.browser import axe, helpers
from tests.browser.axe import serious
from tests.site import crm_factory as crm
from tests.site import factory
from tests.site.by_role import CAMPAIGNERS, REPORTS
from tests.site.report_data import Season

pytestmark = [
    crm.needs_crm,
    pytest.mark.skipif(not axe.CODE.exists(), reason="axe-core comes with the local bench"),
]
LISTS = ["Tracked Link", "Link Campaign", "Click Event", "Deal Attribution"]
SHOWN = ".page-container:not([style*='display: none'])"


@pytest.fixture(scope="module")
def season() -> Season:
    return Season()


@pytest.fixture(scope="module")
def desk(browser: Any) -> Iterator[Any]:
    user = helpers.make_user(
        "alma.access@example.com", "TrackFlow Manager", "Campaign Manager", "Sales Manager"
    )
    with helpers.desk_of(browser, user) as (page, _errors):
        yield page


@pytest.fixture(scope="module")
def tested() -> Any:
    """A link with two variants."""
    link = factory.make_link(title=factory.unique("Two buttons"))
    for name in ("Green button", "Red button"):
        factory.make_variant(link, name, "https://shop.example.com/")
    return link


@contextmanager
def dark(page: Any) -> Iterator[None]:
    """For a while the page is in the dark theme, at once."""
    style = page.add_style_tag(content="* { transition: none !important }")
    page.evaluate("document.documentElement.setAttribute('data-theme', 'dark')")
    yield
    page.evaluate("document.documentElement.setAttribute('data-theme', 'light')")
    style.evaluate("style => { document.body.offsetTop; style.remove() }")


def in_both(page: Any, *places: str, but: tuple[tuple[str, str], ...] = ()) -> list[str]:
    """What is wrong in the light theme, and what in the dark one."""
    found = serious(page, *places, but=but)
    with dark(page):
        return found + [f"dark: {each}" for each in serious(page, *places, but=but)]


def panels(*fieldnames: str) -> list[str]:
    return [f"{SHOWN} [data-fieldname={name}]" for name in fieldnames]


def test_the_dashboard(desk: Any, season: Season) -> None:
    helpers.go(desk, "trackflow-dashboard")
    desk.locator(".tfd-cards").wait_for()
    helpers.settle(desk)
    # As if some figures were less than before, too.
    desk.evaluate("$('.tfd-change').slice(0, 3).attr('class', 'tfd-change tfd-less').text('3 % less')")
    desk.evaluate("$('.tfd-change').slice(3).attr('class', 'tfd-change tfd-more').text('3 % more')")
    assert in_both(desk, ".trackflow-dashboard") == []


@pytest.mark.parametrize("name", [name for name, who in REPORTS.items() if who == CAMPAIGNERS])
def test_a_report(desk: Any, season: Season, tested: Any, name: str) -> None:
    about = {"Visitor Journey": {"deal": season.first.name}, "Variant Test": {"tracked_link": tested.name}}
    # All reports are drawn on one page, where the one before still stands.
    desk.evaluate("if (frappe.query_report) frappe.query_report.raw_data = null")
    helpers.open_report(desk, name, **about.get(name, {}))
    desk.wait_for_function("frappe.query_report.raw_data?.result?.length")
    # Desk may ask once more, a moment after the filters were filled in.
    desk.wait_for_timeout(400)
    helpers.settle(desk)
    desk.locator(f"{SHOWN} .datatable .dt-row").locator("visible=true").first.wait_for()
    places = [f"{SHOWN} .report-summary", f"{SHOWN} .datatable"]
    optional = [f"{SHOWN} .form-message", f"{SHOWN} .chart-wrapper"]
    places += [place for place in optional if desk.locator(place).locator("visible=true").count()]
    assert serious(desk, *places, but=axe.TABLES) == []


@pytest.mark.parametrize("doctype", LISTS)
def test_a_list(desk: Any, season: Season, doctype: str) -> None:
    helpers.open_list(desk, doctype)
    desk.locator(f"{SHOWN} .list-row").locator("visible=true").first.wait_for()
    assert serious(desk, f"{SHOWN} .result", but=axe.LISTS) == []


def test_calendar_and_board_of_campaigns(desk: Any, season: Season) -> None:
    today = season.today
    for status in ("Active", "Paused", "Draft"):
        factory.make_campaign(status=status, start_date=today, end_date=today)
    helpers.go(desk, "List", "Link Campaign", "Calendar", "default")
    desk.locator(".fc-event:visible").first.wait_for()
    # The calendar around the bars is Desk's.
    assert in_both(desk, f"{SHOWN} .fc-event") == []
    helpers.go(desk, "List", "Link Campaign", "Kanban", "Campaigns by Status")
    desk.locator(".kanban-card-wrapper:visible").first.wait_for()
    # What stands on the cards is muted by Desk.
    assert in_both(desk, f"{SHOWN} .kanban-column-title") == []


def test_the_workspace(desk: Any, season: Season) -> None:
    helpers.go(desk, "Workspaces", "TrackFlow")
    desk.locator("svg.frappe-chart:visible").first.wait_for()
    helpers.settle(desk)
    assert serious(desk, f"{SHOWN} .layout-main-section", but=axe.WORKSPACES) == []


@pytest.mark.parametrize(
    ("doctype", "name", "fieldnames"),
    [
        (
            "Tracked Link",
            "a1",
            ("destination_preview", "days_chart", "audience", "variants_list", "qr_preview"),
        ),
        ("Link Campaign", "ads", ("funnel", "days_chart", "links_list")),
    ],
)
def test_what_forms_show(
    desk: Any, season: Season, doctype: str, name: str, fieldnames: tuple[str, ...]
) -> None:
    helpers.open_form(desk, doctype, getattr(season, name).name)
    desk.locator(panels("days_chart")[0]).locator("svg").first.wait_for()
    helpers.settle(desk)
    assert in_both(desk, *panels(*fieldnames)) == []


def test_a_table_that_is_wider_than_a_phone_is_a_stop_for_the_keyboard(desk: Any, season: Season) -> None:
    helpers.open_form(desk, "Tracked Link", season.a1.name)
    table = f"{panels('audience')[0]} [role=group]"
    desk.locator(f"{table}:not([tabindex])").wait_for()
    desk.set_viewport_size(helpers.PHONE)
    desk.locator(f"{table}[tabindex='0'][aria-label='Last Clicks']").wait_for()
    desk.set_viewport_size(helpers.DESKTOP)
    desk.locator(f"{table}:not([tabindex])").wait_for()


def test_a_visitors_journey(desk: Any, season: Season) -> None:
    helpers.open_form(desk, "Visitor", season.visitors[0])
    helpers.settle(desk)
    assert in_both(desk, *panels("journey")) == []


def test_where_leads_deals_and_organizations_came_from(desk: Any, season: Season) -> None:
    firm = frappe.get_doc(doctype="CRM Organization", organization_name=factory.unique("Beech Ltd")).insert()
    frappe.db.commit()
    for doc in (season.leads[0], season.first, firm):
        helpers.open_form(desk, doc.doctype, doc.name)
        desk.get_by_role("tab", name="TrackFlow").locator("visible=true").click()
        desk.locator(f"{panels('trackflow_origin')[0]} .trackflow-origin").wait_for()
        assert in_both(desk, *panels("trackflow_origin")) == []


def test_the_tests_beside_settings(desk: Any) -> None:
    helpers.open_form(desk, "TrackFlow Settings")
    tests = ("proxies_test", "ranges_test", "geoip_test", "tracker_test")
    for fieldname in tests:
        place = desk.locator(panels(fieldname)[0])
        place.locator("button").click()
        place.locator(".text-success, .text-danger").wait_for()
    assert in_both(desk, *panels(*tests, "embed_snippet")) == []


@pytest.mark.parametrize("model", ["Position Based", "Data-Driven Shapley"])
def test_the_worked_example_of_a_model(desk: Any, season: Season, model: str) -> None:
    helpers.open_form(desk, "Attribution Model", model)
    desk.locator(f"{panels('example')[0]} *").locator("visible=true").first.wait_for()
    helpers.settle(desk)
    assert in_both(desk, *panels("example")) == []


def test_a_preview_of_an_import(desk: Any) -> None:
    helpers.open_new(desk, "Link Import")
    helpers.choose(desk, "import_format", "List of URLs")
    desk.evaluate("cur_frm.set_value('pasted_text', 'https://example.com/1\\nnonsense')")
    helpers.save(desk)
    helpers.button(desk, "Preview").click()
    desk.locator(panels("preview")[0]).locator("table").wait_for()
    assert in_both(desk, *panels("preview")) == []


@pytest.fixture(scope="module")
def template() -> Any:
    variables = [{"variable_name": "page", "description": "Path", "validation_rules": '{"required": true}'}]
    url = "https://shop.example.com/{page}"
    fields = {"template_name": factory.unique("Shop"), "url_template": url, "variables": variables}
    made = frappe.get_doc(doctype="Link Template", **fields).insert()
    frappe.db.commit()
    return made


def test_the_inputs_of_a_template(desk: Any, template: Any) -> None:
    helpers.open_form(desk, "Link Template", template.name)
    desk.get_by_text("Enter a value for page.").locator("visible=true").wait_for()
    assert in_both(desk, *panels("preview"), but=axe.DIALOGS) == []


def dialog(page: Any) -> list[str]:
    """What is wrong in the dialog that opens. It is closed afterwards."""
    helpers.dialog(page)
    helpers.settle(page)
    found = serious(page, ".modal.show .modal-content", but=axe.DIALOGS)
    helpers.close_dialog(page)
    return found


def test_dialogs_of_forms(desk: Any, season: Season) -> None:
    helpers.open_form(desk, "Tracked Link", season.a1.name)
    for label in ("Other Size...", "Add Variant"):
        helpers.button(desk, label).click()
        assert dialog(desk) == []
    helpers.open_form(desk, "Link Campaign", season.ads.name)
    for label in ("QR Code Sheet", "Duplicate with Links"):
        helpers.button(desk, label).click()
        assert dialog(desk) == []


def test_dialogs_of_the_list_of_links(desk: Any, template: Any) -> None:
    link = factory.make_link(title=factory.unique("Broken"))
    frappe.db.set_value("Tracked Link", link.name, "destination_url", "javascript:alert(1)")
    frappe.db.commit()
    helpers.open_list(desk, "Tracked Link", title=["like", link.title])
    helpers.button(desk, "From Template").click()
    helpers.dialog(desk)
    desk.evaluate("name => cur_dialog.set_value('link_template', name)", template.name)
    desk.locator(".modal.show").get_by_text("Enter a value for page.").wait_for()
    assert dialog(desk) == []
    for label in ("Move to Campaign", "Pause"):
        desk.locator(f".list-row-checkbox[data-name='{link.name}']:visible").first.check()
        desk.locator(".actions-btn-group:visible button").first.click()
        desk.locator(".actions-btn-group .dropdown-item:visible").get_by_text(label, exact=True).click()
        assert dialog(desk) == []


def test_what_is_printed(desk: Any, season: Season) -> None:
    for doctype, name, printed in (
        ("Link Campaign", season.ads.name, "Campaign Report"),
        ("Deal Attribution", f"{season.first.name}-Linear", "Deal Attribution Report"),
    ):
        page = desk.context.new_page()
        page.goto("/printview?" + urlencode({"doctype": doctype, "name": name, "format": printed}))
        assert serious(page, ".trackflow-paper") == []
        assert page.locator(".trackflow-paper h1").count() == 1
        assert page.locator(".trackflow-paper th:not([scope])").count() == 0
        assert page.locator(".trackflow-paper svg:not([role=img][aria-label])").count() == 0
        page.close()


def test_the_pages_that_visitors_see(new_page: Any, season: Season) -> None:
    locked = factory.make_link(password_protected=1, new_password="sesame", title="Locked")
    for path in (f"/r/{locked.short_code}", f"/r/{season.a1.short_code}+"):
        page = helpers.as_visitor(new_page())
        page.goto(path)
        assert serious(page, "body") == []
