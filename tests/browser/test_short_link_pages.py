"""The pages that visitors see on the way: password, preview, and what they look like."""

from __future__ import annotations

import re

import frappe
import pytest

from tests import harness
from tests.browser import helpers
from tests.site import factory

SIZES = {"desktop": helpers.DESKTOP, "phone": helpers.PHONE}
# Another origin than the short link's, as destinations are.
ELSEWHERE = f"{harness.URL.replace('127.0.0.1', 'localhost')}/login"
SECRET = "open sesame"


def visit(new_page, path, size="desktop", scheme="light"):
    visitor = helpers.as_visitor(new_page())
    visitor.set_viewport_size(SIZES[size])
    visitor.emulate_media(color_scheme=scheme)
    visitor.goto(path)
    return visitor


def assert_fits(page):
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
        "sticks out at the side"
    )


def locked_link(**fields):
    return factory.make_link(ELSEWHERE, password_protected=1, new_password=SECRET, **fields)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_password_page_lets_in_who_knows_the_password(new_page, shot, console_errors, size, scheme):
    link = locked_link()
    visitor = visit(new_page, f"/r/{link.short_code}", size, scheme)
    assert visitor.title() == "Password needed"
    assert_fits(visitor)
    shot(visitor, f"password-{size}-{scheme}")
    field = visitor.get_by_label("Password")
    assert field.evaluate("field => field === document.activeElement"), "one can type at once"
    field.fill("wrong")
    visitor.keyboard.press("Enter")
    alert = visitor.get_by_role("alert")
    alert.wait_for()
    assert alert.inner_text() == "This is not the right password. Please try again."
    shot(visitor, f"password-wrong-{size}-{scheme}")
    visitor.get_by_label("Password").fill(SECRET)
    visitor.get_by_role("button", name="Continue").click()
    visitor.wait_for_url(re.compile("/login"))
    assert visitor.url.startswith(ELSEWHERE)
    # Chromium says so for any page that is no 2xx; what breaks the page's own policy is another message.
    assert not [error for error in console_errors if "status of 403" not in error]
    assert factory.event_of(link).verdict == "human"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_preview_shows_the_destination_and_goes_on(new_page, shot, console_errors, size, scheme):
    link = factory.make_link(f"{ELSEWHERE}?long={'x' * 150}#login")
    visitor = visit(new_page, f"/r/{link.short_code}+", size, scheme)
    assert visitor.title() == visitor.get_by_role("heading").inner_text() == "Where this link leads"
    assert ELSEWHERE in visitor.locator(".address").inner_text()
    assert_fits(visitor)
    shot(visitor, f"preview-{size}-{scheme}")
    assert factory.queued(link) == []
    visitor.get_by_role("link", name="Continue").click()
    visitor.wait_for_url(re.compile("/login"))
    assert console_errors == []
    assert factory.event_of(link).verdict == "human"


def test_pages_look_as_their_domain_says_and_load_nothing_from_elsewhere(new_page, shot, console_errors):
    css = (
        "main { border-top: 6px solid rgb(228, 87, 46); background: url(https://spy.example/x.png) }"
        " h1 { color: rgb(228, 87, 46) }"
    )
    host = harness.URL.partition("://")[2]
    with factory.short_domain(domain=host, custom_css=css, ssl_enabled=0):
        page = helpers.as_visitor(new_page())
        answered = []
        page.on("response", lambda response: answered.append(response.url))
        page.goto(f"/r/{locked_link().short_code}")
        colour = page.get_by_role("heading").evaluate("heading => getComputedStyle(heading).color")
        assert colour == "rgb(228, 87, 46)"
        shot(page, "password-own-css")
        assert len([url for url in answered if "favicon" not in url]) == 1
        assert any("Content Security Policy" in error for error in console_errors)


@pytest.fixture
def in_arabic():
    texts = {
        "Link not found": "لم يتم العثور على الرابط",
        "Password needed": "كلمة السر مطلوبة",
        "Whoever gave you this link can tell you the password.": "من أعطاك هذا الرابط يمكنه إخبارك بكلمة السر.",
    }
    kept = [
        frappe.get_doc(
            doctype="Translation", language="ar", source_text=text, translated_text=translated
        ).insert()
        for text, translated in texts.items()
    ]
    frappe.db.commit()
    yield
    for doc in kept:
        doc.delete()
    frappe.db.commit()


def page_in_arabic(browser, shot, name):
    context = helpers.new_context(browser, locale="ar", viewport=helpers.PHONE)
    page = helpers.as_visitor(context.new_page())
    page.goto(f"/r/{locked_link().short_code}")
    shot(page, name)
    said = page.evaluate("[document.documentElement.lang, document.documentElement.dir, document.title]")
    context.close()
    return said


def test_the_page_is_in_the_language_of_the_visitor(browser, shot, in_arabic):
    assert page_in_arabic(browser, shot, "password-arabic") == ["ar", "rtl", "كلمة السر مطلوبة"]


def test_a_page_that_nobody_translated_is_in_english_and_says_so(browser, shot):
    assert page_in_arabic(browser, shot, "password-not-arabic") == ["en", "ltr", "Password needed"]


def test_a_campaign_manager_locks_limits_and_opens_a_link_in_desk(desk, new_page, shot):
    link = factory.make_link(ELSEWHERE)
    helpers.open_form(desk, "Tracked Link", link.name)
    desk.get_by_text("Password", exact=True).first.click()
    desk.get_by_role("checkbox", name="Ask for a Password").check()
    desk.locator("input[data-fieldname=new_password]").fill(SECRET)
    shot(desk, "tracked-link-password", full_page=True)
    helpers.save(desk)
    assert not helpers.value(desk, "new_password")
    visitor = visit(new_page, f"/r/{link.short_code}")
    assert visitor.title() == "Password needed"
    desk.get_by_role("checkbox", name="Ask for a Password").uncheck()
    helpers.save(desk)
    visitor.goto(f"/r/{link.short_code}")
    assert "/login" in visitor.url


@pytest.mark.parametrize("status", ["301", "302", "307", "308"])
def test_a_browser_asks_again_each_time_whatever_the_redirect_status(new_page, status):
    link = factory.make_link(ELSEWHERE, redirect_status=status)
    visitor = helpers.as_visitor(new_page())
    for number in (1, 2, 3):
        visitor.goto(f"/r/{link.short_code}")
        assert "/login" in visitor.url
        assert len(factory.queued(link)) == number
