"""A campaign manager asks which variant wins."""

from __future__ import annotations

import pytest

from tests.browser import helpers
from tests.site import factory
from tests.site.test_variant_test import convert, visit


@pytest.fixture(scope="module")
def office(browser):
    user = helpers.make_user("vera.variants@example.com", "Campaign Manager")
    with helpers.desk_of(browser, user) as desk:
        yield desk


@pytest.fixture
def tested(site):
    link = factory.make_link(title=factory.unique("Two buttons"))
    for name in ("Green button", "Red button"):
        factory.make_variant(link, name, "https://shop.example.com/")
    green, red = visit(link, "Green button", 60), visit(link, "Red button", 60)
    factory.drain()
    convert(link, green[:9])
    convert(link, red[:25])
    return link


def test_button_on_the_link_opens_the_test(office, tested, shot):
    page, errors = office
    helpers.open_form(page, "Tracked Link", tested.name)
    # However slow the server is, the report does not forget the link that it was opened for.
    helpers.hold_back(page, "validate_link", "get_link_title")
    helpers.button(page, "Variant Test").click()
    page.get_by_text("Red button wins, 99 % sure").locator("visible=true").first.wait_for()
    page.get_by_text("at least 20 visitors who convert or buy are needed").locator(
        "visible=true"
    ).first.wait_for()
    helpers.settle(page)
    # The bars grow for a while.
    page.wait_for_timeout(1500)
    shot(page, "variant-test")
    page.get_by_role("link", name="Red button").locator("visible=true").first.click()
    helpers.wait_for_form(page, "Campaign Link Variant")
    assert helpers.value(page, "variant_name") == "Red button"
    assert errors == []


def test_link_without_variants_has_no_button(office, site):
    page, _errors = office
    helpers.open_form(page, "Tracked Link", factory.make_link().name)
    helpers.button(page, "Copy Short URL").wait_for()
    assert not helpers.button(page, "Variant Test").is_visible()
