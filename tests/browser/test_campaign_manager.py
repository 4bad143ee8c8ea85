"""From an empty workspace to a counted click, as a campaign manager does it: with the mouse and the keyboard."""

from __future__ import annotations

import re
import struct

import frappe
import pytest

from tests import harness
from tests.browser import helpers
from tests.site import factory

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def page_of_site():
    """The address of a page that anybody may see."""
    name = factory.unique("welcome")
    frappe.get_doc(doctype="Web Page", title=name, route=name, published=1, main_section="Hello").insert()
    frappe.db.commit()
    return f"{harness.URL}/{name}"


@pytest.fixture
def link(page_of_site):
    """A link to a page of this site, in a campaign."""
    campaign = factory.make_campaign()
    return factory.make_link(page_of_site, title=factory.unique("Link"), campaign=campaign.name)


def test_workspace_leads_to_links_and_campaigns(manager, shot, errors):
    helpers.go(manager, "Workspaces", "TrackFlow")
    for text in ("Campaigns & Links", "Visitors & Clicks", "Results", "Tracked Links", "Credit for Deals"):
        manager.get_by_text(text, exact=True).locator("visible=true").first.wait_for()
    # The shortcut's figure.
    manager.get_by_text(re.compile(r"^\d+ Active$")).first.wait_for()
    # Desk draws charts also where the page was left meanwhile, and complains that it has no width.
    helpers.settle(manager)
    manager.wait_for_timeout(1000)
    shot(manager, "workspace")
    manager.get_by_text("Links", exact=True).locator("visible=true").first.click()
    manager.wait_for_function("window.cur_list && cur_list.doctype === 'Tracked Link'")
    helpers.settle(manager)
    assert errors == []


def test_campaign_and_link_are_made_with_the_forms(manager, shot, errors):
    name = factory.unique("Spring")
    helpers.open_new(manager, "Link Campaign")
    shot(manager, "new-campaign")
    helpers.fill(manager, "campaign_name", name)
    helpers.fill(manager, "source", "newsletter")
    helpers.fill(manager, "medium", "email")
    helpers.save(manager)
    assert helpers.value(manager, "campaign_id") == name.lower()
    manager.get_by_text("Active", exact=True).locator("visible=true").first.wait_for()

    helpers.button(manager, "New Link").click()
    helpers.wait_for_form(manager, "Tracked Link")
    assert helpers.value(manager, "campaign") == name
    shot(manager, "new-link")
    helpers.fill(manager, "title", "Button in the newsletter")
    helpers.fill(manager, "destination_url", "https://shop.example.com/spring?size=9")
    helpers.save(manager)
    code = helpers.value(manager, "short_code")
    assert re.fullmatch(r"\w{7}", code)
    assert helpers.value(manager, "short_url").endswith(f"/r/{code}")
    assert helpers.value(manager, "target_url") == (
        "https://shop.example.com/spring?size=9&utm_source=newsletter&utm_medium=email"
        f"&utm_campaign={name.lower()}"
    )
    shot(manager, "link-saved", full_page=True)
    assert errors == []


def test_short_url_is_shown_and_copied(manager, link, errors):
    helpers.open_form(manager, "Tracked Link", link.name)
    assert link.short_url in helpers.field(manager, "short_url").inner_text()
    manager.context.grant_permissions(["clipboard-read", "clipboard-write"])
    helpers.button(manager, "Copy Short URL").click()
    manager.wait_for_function(
        "url => navigator.clipboard.readText().then(text => text === url)", arg=link.short_url
    )
    assert errors == []


def test_qr_code_is_shown_and_can_be_downloaded(manager, link, shot, errors):
    helpers.open_form(manager, "Tracked Link", link.name)
    image = helpers.field(manager, "qr_preview").locator("img")
    # A browser gives an image that it can't read no size.
    manager.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=image.element_handle())
    shot(manager, "qr-code")

    name, png = helpers.download(manager, "Download PNG")
    assert name == f"{link.short_code}.png"
    assert png.startswith(PNG)
    width, height = struct.unpack(">II", png[16:24])
    assert width == height >= 290

    name, svg = helpers.download(manager, "Download SVG")
    assert name == f"{link.short_code}.svg"
    assert svg.decode() == helpers.value(manager, "qr_code")
    assert b"<path d=" in svg
    assert errors == []


def test_click_of_a_visitor_appears_on_the_form(manager, link, page_of_site, new_page, errors):
    visitor = helpers.as_visitor(new_page())
    visitor.goto(f"/r/{link.short_code}")
    assert visitor.url.startswith(f"{page_of_site}?utm_source=newsletter")
    factory.drain()

    helpers.open_form(manager, "Tracked Link", link.name)
    assert helpers.field(manager, "click_count").inner_text().split()[1] == "1"
    helpers.open_form(manager, "Link Campaign", link.campaign)
    assert helpers.field(manager, "total_clicks").inner_text().split()[2] == "1"
    helpers.open_list(manager, "Click Event")
    manager.get_by_text("Human", exact=True).locator("visible=true").first.wait_for()
    assert errors == []


def test_open_follows_the_short_url(manager, link):
    helpers.open_form(manager, "Tracked Link", link.name)
    with manager.context.expect_page() as opened:
        helpers.button(manager, "Open").click()
    opened.value.wait_for_load_state()
    assert "utm_source=newsletter" in opened.value.url


@pytest.mark.parametrize(
    ("destination", "sentence"),
    [
        ("javascript:alert(1)", "It must begin with http:// or https://."),
        ("https://user:secret@example.com/", "Anybody who clicks could read it"),
    ],
)
def test_bad_destination_is_refused_with_a_clear_sentence(manager, shot, destination, sentence):
    # Tests of the site may have put such links there past all checks.
    before = frappe.db.count("Tracked Link", {"destination_url": destination})
    helpers.open_new(manager, "Tracked Link")
    helpers.fill(manager, "destination_url", destination)
    manager.keyboard.press("Control+s")
    manager.get_by_text(sentence).locator("visible=true").first.wait_for()
    manager.get_by_text("This link can't be saved").locator("visible=true").first.wait_for()
    shot(manager, "bad-destination")
    helpers.close_dialog(manager)
    assert manager.evaluate("cur_frm.is_new()")
    frappe.db.rollback()
    assert frappe.db.count("Tracked Link", {"destination_url": destination}) == before


def test_list_tells_what_becomes_of_a_link(manager, shot, errors):
    campaign = factory.make_campaign()
    kinds = {
        "Active": {},
        "Paused": {"status": "Paused"},
        "Archived": {"status": "Archived"},
        "Expired": {"expiry_date": "2020-01-01 00:00:00"},
        "Scheduled": {"start_date": "2099-01-01 00:00:00"},
    }
    for title, fields in kinds.items():
        factory.make_link(title=f"This one is {title.lower()}", campaign=campaign.name, **fields)
    helpers.open_list(manager, "Tracked Link", campaign=campaign.name)
    for title in kinds:
        manager.get_by_text(title, exact=True).locator("visible=true").first.wait_for()
    shot(manager, "links")
    assert errors == []
