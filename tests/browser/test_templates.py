"""A link template with its live preview, and links made from it, as a campaign manager does it."""

from __future__ import annotations

import json

import frappe
import pytest

from tests.browser import helpers
from tests.site import factory

SIZE = {
    "variable_name": "size",
    "variable_type": "Choice",
    "validation_rules": json.dumps({"choices": ["small", "large"], "required": True}),
}
SINCE = {"variable_name": "since", "variable_type": "Date", "validation_rules": '{"format": "YYYYMMDD"}'}


@pytest.fixture
def template():
    made = frappe.get_doc(
        doctype="Link Template",
        template_name=factory.unique("Shop"),
        url_template="https://shop.example.com/{page}?size={size}&since={since}",
        variables=[{"variable_name": "page", "description": "The page's path"}, SIZE, SINCE],
    ).insert()
    frappe.db.commit()
    return made


def answer(page):
    """What stands below the inputs that are visible."""
    return page.locator(".trackflow-template-answer:visible").last


def test_the_preview_follows_what_is_typed(manager, errors, template, shot):
    helpers.open_form(manager, "Link Template", template.name)
    answer(manager).get_by_text("Enter a value for size.").wait_for()
    helpers.fill(manager, "value_page", "new arrivals/shoes")
    helpers.choose(manager, "value_size", "large")
    helpers.fill(manager, "value_since", "2025-01-31")
    answer(manager).get_by_text("new%20arrivals/shoes?size=large&since=20250131").wait_for()
    answer(manager).scroll_into_view_if_needed()
    shot(manager, "link-template")
    assert not manager.evaluate("cur_frm.is_dirty()")
    assert errors == []


def test_the_preview_follows_changes_of_the_template_that_are_not_saved(manager, errors, template):
    helpers.open_form(manager, "Link Template", template.name)
    helpers.fill(manager, "value_page", "shoes")
    helpers.choose(manager, "value_size", "small")
    helpers.fill(manager, "url_template", "https://shop.example.com/{page}/{size}/{colour}?since={since}")
    answer(manager).get_by_text("uses {colour}, but there is no such variable").wait_for()
    helpers.fill(manager, "url_template", "https://shop.example.com/{page}/{size}?since={since}")
    answer(manager).get_by_text("https://shop.example.com/shoes/small", exact=True).wait_for()
    helpers.reload(manager)
    assert errors == []


def test_a_link_is_made_from_the_template(manager, errors, template, shot):
    helpers.open_form(manager, "Link Template", template.name)
    helpers.button(manager, "Create Link").click()
    helpers.dialog(manager).locator("[data-fieldname=value_page] input").fill("sale")
    manager.locator(".modal.show select[data-fieldname=value_size]").select_option("small")
    manager.locator(".modal.show").get_by_text(
        "https://shop.example.com/sale?size=small", exact=True
    ).wait_for()
    shot(manager, "link-from-template")
    manager.locator(".modal.show .btn-primary:visible").click()
    helpers.wait_for_form(manager, "Tracked Link")
    helpers.save(manager)
    shot(manager, "link-made-from-template")
    link = frappe.get_last_doc("Tracked Link", {"link_template": template.name})
    assert link.destination_url == "https://shop.example.com/sale?size=small"
    assert json.loads(link.template_values) == {"page": "sale", "size": "small", "since": ""}
    assert errors == []


def test_a_new_link_can_be_filled_in_from_a_template(manager, errors, template):
    helpers.open_new(manager, "Tracked Link")
    helpers.button(manager, "From Template").click()
    box = helpers.dialog(manager).locator("[data-fieldname=link_template] input")
    box.fill(template.name)
    manager.locator(".modal.show .awesomplete ul > *").filter(has_text=template.name).first.click()
    manager.locator(".modal.show [data-fieldname=value_page] input").fill("sale")
    manager.locator(".modal.show select[data-fieldname=value_size]").select_option("large")
    manager.locator(".modal.show").get_by_text(
        "https://shop.example.com/sale?size=large", exact=True
    ).wait_for()
    manager.locator(".modal.show .btn-primary:visible").click()
    # One field after the other.
    manager.wait_for_function("cur_frm.doc.destination_url && cur_frm.doc.link_template")
    helpers.settle(manager)
    assert helpers.value(manager, "link_template") == template.name
    helpers.save(manager)
    assert errors == []


def test_the_list_of_links_offers_templates(manager, errors):
    helpers.open_list(manager, "Tracked Link")
    helpers.button(manager, "From Template").click()
    manager.locator(".modal.show [data-fieldname=link_template] input").wait_for()
    helpers.close_dialog(manager)
    assert errors == []
