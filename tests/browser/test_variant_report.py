"""A campaign manager asks which variant wins."""

from __future__ import annotations

import pytest

from tests.browser import helpers
from tests.site import factory
from tests.site.test_variant_test import convert, visit


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


def test_button_on_the_link_opens_the_test(manager, tested, shot, errors):
    helpers.open_form(manager, "Tracked Link", tested.name)
    # However slow the server is, the report does not forget the link that it was opened for.
    with helpers.slow_answers(manager, "validate_link", "get_link_title"):
        helpers.button(manager, "Variant Test").click()
        manager.get_by_text("Red button wins, 99 % sure").locator("visible=true").first.wait_for()
        manager.get_by_text("at least 20 visitors who convert or buy are needed").locator(
            "visible=true"
        ).first.wait_for()
        helpers.settle(manager)
    # The bars grow for a while.
    manager.wait_for_timeout(1500)
    shot(manager, "variant-test")
    manager.get_by_role("link", name="Red button").locator("visible=true").first.click()
    helpers.wait_for_form(manager, "Campaign Link Variant")
    assert helpers.value(manager, "variant_name") == "Red button"
    assert errors == []


def test_link_without_variants_has_no_button(manager, site):
    helpers.open_form(manager, "Tracked Link", factory.make_link().name)
    helpers.button(manager, "Copy Short URL").wait_for()
    assert not helpers.button(manager, "Variant Test").is_visible()
