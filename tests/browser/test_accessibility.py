"""axe finds nothing serious in what TrackFlow draws; Desk around it is Frappe's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import helpers
from tests.site import crm_factory as crm
from tests.site import factory
from tests.site.report_data import Season

AXE = Path(__file__).parents[2] / ".bench/desk/node_modules/axe-core/axe.min.js"
pytestmark = [
    crm.needs_crm,
    pytest.mark.skipif(not AXE.exists(), reason="axe-core comes with the local bench"),
]
CHECK = """async places => {
    const found = await axe.run({ include: places.map(place => [place]) }, { resultTypes: ["violations"] });
    return found.violations
        .filter(one => ["serious", "critical"].includes(one.impact))
        .map(one => `${one.id}: ${one.help}: ${one.nodes.map(node => node.html.slice(0, 160)).slice(0, 3).join(" | ")}`);
}"""


@pytest.fixture(scope="module")
def season() -> Season:
    return Season()


@pytest.fixture(scope="module")
def desk(browser: Any) -> Iterator[Any]:
    user = helpers.make_user("alma.access@example.com", "TrackFlow Manager", "Sales Manager")
    with helpers.desk_of(browser, user) as (page, _errors):
        yield page


def serious(page: Any, *places: str) -> list[str]:
    """What is wrong in the elements that ``places`` (selectors) find and that are shown."""
    page.evaluate(AXE.read_text())
    shown = [place for place in places if page.locator(place).locator("visible=true").count()]
    assert shown == list(places)
    return page.evaluate(CHECK, list(places))


def panels(*fieldnames: str) -> list[str]:
    return [f".page-container:not([style*='display: none']) [data-fieldname={name}]" for name in fieldnames]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_dashboard(desk: Any, season: Season, theme: str) -> None:
    helpers.go(desk, "trackflow-dashboard")
    desk.locator(".tfd-cards").wait_for()
    helpers.settle(desk)
    # As if some figures were less than before, too.
    desk.evaluate("$('.tfd-change').slice(0, 3).attr('class', 'tfd-change tfd-less').text('3 % less')")
    desk.evaluate("$('.tfd-change').slice(3).attr('class', 'tfd-change tfd-more').text('3 % more')")
    desk.evaluate("theme => document.documentElement.setAttribute('data-theme', theme)", theme)
    # Colours change slowly.
    desk.wait_for_timeout(500)
    try:
        assert serious(desk, ".trackflow-dashboard") == []
    finally:
        desk.evaluate("document.documentElement.setAttribute('data-theme', 'light')")


@pytest.mark.parametrize(
    ("doctype", "name", "fieldnames"),
    [
        ("Tracked Link", "a1", ("days_chart", "audience", "variants_list", "qr_preview")),
        ("Link Campaign", "ads", ("funnel", "days_chart", "links_list")),
    ],
)
def test_what_forms_show(
    desk: Any, season: Season, doctype: str, name: str, fieldnames: tuple[str, ...]
) -> None:
    helpers.open_form(desk, doctype, getattr(season, name).name)
    desk.locator(panels("days_chart")[0]).locator("svg").first.wait_for()
    helpers.settle(desk)
    assert serious(desk, *panels(*fieldnames)) == []


def test_a_visitors_journey(desk: Any, season: Season) -> None:
    helpers.open_form(desk, "Visitor", season.visitors[0])
    helpers.settle(desk)
    assert serious(desk, *panels("journey")) == []


def test_the_pages_that_visitors_see(new_page: Any, season: Season) -> None:
    locked = factory.make_link(password_protected=1, new_password="sesame", title="Locked")
    for path in (f"/r/{locked.short_code}", f"/r/{season.a1.short_code}+"):
        page = helpers.as_visitor(new_page())
        page.goto(path)
        assert serious(page, "body") == []
