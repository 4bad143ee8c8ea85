"""Each page of TrackFlow as each of the four roles: there and without a complaint, or not there and not to be reached.

The same is asked of every method, record, report and paper over HTTP, in tests/site/test_*_by_role.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import frappe
import pytest

from tests.browser import helpers
from tests.site import crm_factory as crm
from tests.site import factory
from tests.site.by_role import CAMPAIGNERS, MANAGERS, REPORTS, ROLES, readers
from tests.site.report_data import Season

pytestmark = crm.needs_crm

REFUSAL = re.compile(r"not permitted|permission|not found|have access", re.I)
# What the browser says of an answer that refuses, and what Desk prints of it. Nothing else may be wrong then.
REFUSED = re.compile(
    r"^Failed to load resource: .* 40[34] |^Traceback .*(PermissionError|DoesNotExist)", re.S
)
# Desk's own, of a workspace that the user has not: ``show_page`` looks for it among the user's, and then asks what it
# found for its name, whether or not it found any.
NO_WORKSPACE = re.compile(r"^Cannot read properties of undefined \(reading 'name'\)")
CHART = "[data-fieldname=days_chart] svg"
# {route: (who may be there, what they see there)}. Words in small letters stand for the records of ``names``.
PAGES = {
    ("trackflow-dashboard",): (CAMPAIGNERS, ".tfd-cards"),
    ("List", "Link Campaign", "List"): (CAMPAIGNERS, ".list-row-container"),
    ("List", "Tracked Link", "List"): (CAMPAIGNERS, ".list-row-container"),
    ("List", "Click Queue", "List"): (MANAGERS, ".page-form"),
    ("List", "Link Campaign", "Calendar", "default"): (CAMPAIGNERS, ".fc-day, .fc-daygrid-day"),
    ("List", "Link Campaign", "Kanban", "Campaigns by Status"): (CAMPAIGNERS, ".kanban-column"),
    ("Form", "Link Campaign", "campaign"): (CAMPAIGNERS, CHART),
    ("Form", "Tracked Link", "link"): (CAMPAIGNERS, CHART),
    ("Form", "Visitor", "visitor"): (CAMPAIGNERS, "[data-fieldname=journey] li"),
    ("Form", "Attribution Model", "model"): (CAMPAIGNERS, "[data-fieldname=example] table"),
    ("Form", "TrackFlow Settings", "TrackFlow Settings"): (MANAGERS, "[data-fieldname=enable_tracking]"),
    ("print", "Link Campaign", "campaign"): (CAMPAIGNERS, "iframe"),
    ("print", "Deal Attribution", "attribution"): (CAMPAIGNERS, "iframe"),
}
# Rows, or a sentence that says why there are none.
SHOWN = """name => {
    const report = frappe.query_report;
    if (report?.report_name !== name || !report.filters?.length || report.$loading?.is(":visible")) return false;
    return report.$report?.is(":visible") || report.$message?.is(":visible");
}"""
WORKSPACES = {"TrackFlow": "Visitors & Clicks", "Campaign Results": "Campaign Performance"}
# {address: (who may be there, what they see there)}.
TYPED = {
    "trackflow": (CAMPAIGNERS, ".number-widget-box"),
    "trackflow-settings": (MANAGERS, "[data-fieldname=enable_tracking]"),
}
# What leads on from the panel in the CRM's forms.
OPENED = "a[href*='/link-campaign/'], a[href*='/tracked-link/']"

Desks = Callable[[str], tuple[Any, list[str]]]


@pytest.fixture(scope="module")
def season() -> Season:
    return Season()


@pytest.fixture(scope="module")
def desks(browser: Any) -> Iterator[Desks]:
    """Desk of somebody with just that role, and what it complained about since it was asked for."""
    opened: dict[str, tuple[Any, list[str]]] = {}
    with ExitStack() as stack:

        def desk(role: str) -> tuple[Any, list[str]]:
            if role not in opened:
                user = helpers.make_user(f"{role.lower().replace(' ', '.')}@roles.example.com", role)
                opened[role] = stack.enter_context(helpers.desk_of(browser, user))
            opened[role][1].clear()
            return opened[role]

        yield desk


def names(season: Season) -> dict[str, str]:
    """The records that stand for the last words of the routes."""
    return {
        "campaign": season.ads.name,
        "link": season.a1.name,
        "visitor": season.visitors[0],
        "model": "Linear",
        "attribution": frappe.db.get_value("Deal Attribution", {"deal_id": season.first.name}),
    }


def start(page: Any, *route: str) -> None:
    """Go to a page, whether or not one gets there."""
    page.evaluate("route => { frappe.set_route(...route) }", list(route))


def see_refusal(page: Any, errors: list[str]) -> None:
    helpers.dialog(page).get_by_text(REFUSAL).first.wait_for()
    helpers.settle(page)
    assert [error for error in errors if not REFUSED.search(error)] == []
    page.evaluate("() => { frappe.hide_msgprint(true); window.cur_dialog?.hide() }")
    page.wait_for_function("!document.querySelector('.modal.show, .modal-backdrop')")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", PAGES, ids="/".join)
def test_page(route: tuple[str, ...], role: str, desks: Desks, season: Season) -> None:
    allowed, selector = PAGES[route]
    page, errors = desks(role)
    start(page, *(names(season).get(word, word) for word in route))
    # Desk leaves the page before in view where it refuses.
    content = page.locator(f"[data-page-route='{container(route)}'] :is({selector})").locator("visible=true")
    if role in allowed:
        content.first.wait_for()
        helpers.settle(page)
        assert errors == []
    else:
        see_refusal(page, errors)
        assert not content.count()


def container(route: tuple[str, ...]) -> str:
    """What Desk calls the page of a route."""
    if route[0] == "Form":
        return route[1]
    return "/".join(route) if route[0] == "List" else route[0]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", REPORTS)
def test_report(name: str, role: str, desks: Desks, season: Season) -> None:
    page, errors = desks(role)
    start(page, "query-report", name)
    if role in REPORTS[name]:
        page.wait_for_function(SHOWN, arg=name)
        helpers.settle(page)
        assert not page.locator(".modal.show").count()
        assert errors == []
    else:
        see_refusal(page, errors)
        assert not page.locator(".dt-row:visible").count()


@pytest.fixture(scope="module")
def of_crm(season: Season) -> dict[str, Any]:
    firm = frappe.get_doc(doctype="CRM Organization", organization_name=factory.unique("Elm Ltd")).insert()
    crm.insert_deal(season.leads[0], 500, organization=firm.name)
    return {"lead": season.leads[0], "deal": season.first, "organization": firm}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", ["lead", "deal", "organization"])
def test_panel_in_the_crms_form(kind: str, role: str, desks: Desks, of_crm: dict[str, Any]) -> None:
    """Who may read the record sees where it came from; only who may open or print what earned it is led there."""
    doc = of_crm[kind]
    page, errors = desks(role)
    start(page, "Form", doc.doctype, doc.name)
    if role not in readers(doc):
        see_refusal(page, errors)
        return
    helpers.wait_for_form(page, doc.doctype, doc.name)
    page.get_by_role("tab", name="TrackFlow").locator("visible=true").click()
    panel = page.locator("[data-fieldname=trackflow_origin]:visible .trackflow-origin")
    panel.wait_for()
    helpers.settle(page)
    assert bool(panel.locator(OPENED).count()) == (role in CAMPAIGNERS)
    may_print = kind == "deal" and role in CAMPAIGNERS
    assert helpers.button(page, "Print Report").is_visible() == may_print
    assert errors == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", WORKSPACES)
def test_workspace(name: str, role: str, desks: Desks) -> None:
    page, errors = desks(role)
    start(page, "Workspaces", name)
    content = page.get_by_text(WORKSPACES[name], exact=True).locator("visible=true")
    if role in CAMPAIGNERS:
        content.first.wait_for()
        helpers.settle(page)
        assert errors == []
        return
    helpers.settle(page)
    page.wait_for_timeout(500)
    assert not content.count()
    assert not page.locator(".desk-sidebar, .layout-side-section").get_by_text(name, exact=True).count()
    assert [error for error in errors if not NO_WORKSPACE.search(error)] == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("address", TYPED)
def test_address_that_is_typed(address: str, role: str, desks: Desks) -> None:
    """As a whole page, and not from within Desk."""
    allowed, selector = TYPED[address]
    page, errors = desks(role)
    page.goto(f"/app/{address}")
    content = page.locator(selector).locator("visible=true")
    if role in allowed:
        content.first.wait_for()
        helpers.settle(page)
        assert errors == []
    else:
        page.get_by_text(REFUSAL).locator("visible=true").first.wait_for()
        assert not content.count()


def test_no_page_is_left_out() -> None:
    of_app = {"module": "TrackFlow"}
    assert set(frappe.get_all("Report", of_app, pluck="name")) == set(REPORTS)
    assert set(frappe.get_all("Workspace", of_app, pluck="name")) == set(WORKSPACES)
    alone = {(name,) for name in frappe.get_all("Page", of_app, pluck="name")}
    printed = {("print", name) for name in frappe.get_all("Print Format", of_app, pluck="doc_type")}
    assert alone | printed <= {route[: 2 if route[0] == "print" else 1] for route in PAGES}
