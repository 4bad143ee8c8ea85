"""Targeting rules in the form of a link, and the page that tries an app."""

from __future__ import annotations

from tests import harness
from tests.browser import helpers
from tests.site import factory

RULES = [
    {"device": "Mobile", "os": "iOS", "language": "de", "destination_url": "https://shop.example.com/ios-de"},
    {"country": "DE, AT", "rule_name": "DACH", "destination_url": "https://shop.example.com/de"},
    {"query_parameter": "ref", "query_value": "fair", "from_date": "2030-01-01 09:00:00",
     "destination_url": "https://shop.example.com/fair"},
]  # fmt: skip


def test_a_link_shows_its_rules_with_what_they_apply_to(manager, shot, errors):
    link = factory.make_link(targeting_rules=RULES, ios_url="myapp://product/1", forward_query=1)
    helpers.open_form(manager, "Tracked Link", link.name)
    grid = manager.locator("[data-fieldname=targeting_rules]:visible").first
    grid.scroll_into_view_if_needed()
    for text in ("Mobile · iOS · language de", "country DE, AT (skipped: no country database)", "DACH"):
        grid.get_by_text(text).locator("visible=true").first.wait_for()
    shot(manager, "targeting-rules", full_page=True)
    assert errors == []


def test_a_rule_is_added_in_the_form_and_works(manager, shot, errors):
    link = factory.make_link(targeting_rules=RULES[:1])
    helpers.open_form(manager, "Tracked Link", link.name)
    grid = manager.locator("[data-fieldname=targeting_rules]:visible").first
    grid.locator(".grid-add-row").click()
    manager.evaluate(
        "() => { const grid = cur_frm.get_field('targeting_rules').grid;"
        " grid.grid_rows[grid.grid_rows.length - 1].toggle_view(true) }"
    )
    helpers.settle(manager)
    row = manager.locator(".form-in-grid:visible")
    row.locator("textarea[data-fieldname=destination_url]").fill("https://shop.example.com/desktops")
    row.locator("textarea[data-fieldname=destination_url]").blur()
    row.locator("select[data-fieldname=device]").select_option("Desktop")
    helpers.settle(manager)
    shot(manager, "targeting-rule")
    manager.evaluate("() => frappe.ui.form.get_open_grid_form().hide_form()")
    helpers.save(manager)
    assert [row["summary"] for row in helpers.value(manager, "targeting_rules")][1] == "Desktop"
    assert factory.click(link).headers["Location"] == "https://shop.example.com/desktops"
    assert errors == []


def phone(browser):
    context = helpers.new_context(
        browser,
        user_agent=factory.IPHONE,
        viewport=helpers.PHONE,
        is_mobile=True,
        has_touch=True,
    )
    return context, context.new_page()


def test_a_phone_without_the_app_goes_on_to_the_web_by_itself(browser, shot):
    link = factory.make_link(f"{harness.URL}/login?a=1&b=2", ios_url="trackflowtest://product/1")
    context, page = phone(browser)
    page.clock.install(time=1_000_000)
    page.clock.pause_at(2_000_000)
    page.goto(f"/r/{link.short_code}")
    assert page.get_by_role("link", name="Open the App").get_attribute("href") == "trackflowtest://product/1"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shot(page, "open-the-app")
    page.clock.run_for(1400)
    assert page.url.endswith(f"/r/{link.short_code}")
    page.clock.run_for(200)
    page.wait_for_url("**/login?a=1&b=2**")
    context.close()


def test_without_scripts_the_page_has_the_way_on(browser):
    link = factory.make_link(f"{harness.URL}/login", ios_url="trackflowtest://product/1")
    context = helpers.new_context(browser, user_agent=factory.IPHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/r/{link.short_code}")
    page.get_by_role("link", name="Continue on the Web").click()
    page.wait_for_url("**/login**")
    context.close()
