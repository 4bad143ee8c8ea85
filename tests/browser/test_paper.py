"""Reports on paper: from the buttons of the forms to the pages of a PDF, as Chromium prints them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import frappe
import pypdfium2
import pytest
from frappe.utils import add_days, fmt_money, now_datetime

from tests.browser import helpers
from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm


@pytest.fixture(scope="module")
def story():
    """A campaign of some weeks that won a deal, together with another one."""
    campaign = factory.make_campaign(budget=300)
    link = factory.make_link(title="Autumn letter", campaign=campaign.name)
    for day in range(0, 80, 3):
        visitors = [factory.new_visitor() for _each in range(1 + day % 7)]
        factory.put_clicks(link, visitors, add_days(now_datetime(), -day))
    visitor, (_other, advert) = factory.new_visitor(), crm.campaign_link(source="adsearch", medium="cpc")
    for each, days in ((advert, 12), (link, 5), (advert, 3), (link, 2)):
        crm.visit(each, visitor, ago=timedelta(days=days))
    factory.drain()
    firm = frappe.get_doc(doctype="CRM Organization", organization_name=factory.unique("Beech Ltd")).insert()
    frappe.db.commit()
    lead = crm.insert_lead(visitor, organization=firm.name)
    deal = crm.save(crm.insert_deal(lead, value=12_500, organization=firm.name), status="Won")
    return {"campaign": campaign, "deal": deal, "firm": firm}


@pytest.fixture(scope="module")
def office(browser):
    user = helpers.make_user("max.market@example.com", "Sales User", "Campaign Manager")
    with helpers.desk_of(browser, user) as desk:
        yield desk


def printed(desk, shot, doctype, name, print_format, picture):
    """Print a document to a PDF of A4 pages; returns its text. The pages are kept as pictures."""
    return "\n".join(sheets(desk, shot, doctype, name, print_format, picture))


def sheets(desk, shot, doctype, name, print_format, picture):
    """As above, but returns the texts of the pages."""
    page = desk.context.new_page()
    page.goto("/printview?" + urlencode({"doctype": doctype, "name": name, "format": print_format}))
    page.locator(".trackflow-paper").wait_for()
    assert page.locator("svg[role=img]").count() >= 1
    paper = pypdfium2.PdfDocument(page.pdf(format="A4", print_background=True))
    page.set_viewport_size({"width": 900, "height": 1200})
    folder = shot(page, picture, full_page=True).parent
    for number, sheet in enumerate(paper, 1):
        sheet.render(scale=1.3).to_pil().save(folder / f"{picture}-sheet-{number}.png")
    page.close()
    return [sheet.get_textpage().get_text_bounded() for sheet in paper]


def test_a_campaign_prints_its_report(manager, story, shot, errors):
    text = printed(
        manager, shot, "Link Campaign", story["campaign"].name, "Campaign Report", "paper-campaign"
    )
    for told in ("Autumn letter", "clicks in 90 days", "Won value under each model", "Linear"):
        assert told in text
    # What the button of the form shows first.
    helpers.go(manager, "print", "Link Campaign", story["campaign"].name)
    frame = manager.frame_locator(".print-format-container iframe:visible, iframe.print-format-container")
    frame.get_by_text("Campaign Report").first.wait_for()
    assert errors == []


def test_large_figures_stand_on_one_line(manager):
    """And those beside them at the same height."""
    campaign = factory.make_campaign(budget=300)
    frappe.db.set_value("Link Campaign", campaign.name, "revenue", 12_345_678.9)
    frappe.db.commit()
    page = manager.context.new_page()
    named = {"doctype": "Link Campaign", "name": campaign.name, "format": "Campaign Report"}
    page.goto("/printview?" + urlencode(named))
    boxes = page.locator(".tf-figure").evaluate_all(
        "all => all.map(each => { const box = each.getBoundingClientRect(); return [box.top, box.height] })"
    )
    text = page.locator(".tf-figure", has_text=fmt_money(12_345_678.9))
    assert text.evaluate("each => each.scrollWidth <= each.clientWidth")
    assert len({height for _top, height in boxes}) == 1
    assert [top for top, _height in boxes[:4]] == [boxes[0][0]] * 4 < [boxes[4][0]] * 4
    page.close()


def test_a_long_table_begins_below_its_heading_on_a_page_that_has_room(manager, shot):
    """Else the page ends there, and in some engines the heading is left alone on it."""
    campaign = factory.make_campaign(budget=900)
    for number in range(20):
        factory.make_link(campaign=campaign.name, title=f"Poster {number:02}")
    first, second = sheets(
        manager, shot, "Link Campaign", campaign.name, "Campaign Report", "paper-long-campaign"
    )
    assert "Poster " in first and "Poster " in second


def test_a_deal_is_printed_from_its_own_form(manager, story, shot, errors):
    deal = story["deal"]
    helpers.open_form(manager, "CRM Deal", deal.name)
    manager.get_by_role("tab", name="TrackFlow").locator("visible=true").click()
    manager.get_by_role("button", name="Print Report").locator("visible=true").click()
    frame = manager.frame_locator(".print-format-container iframe:visible, iframe.print-format-container")
    frame.get_by_text("Deal Attribution Report").first.wait_for()
    frame.get_by_text(story["firm"].name).first.wait_for()
    helpers.settle(manager)
    shot(manager, "paper-deal-desk")
    name = f"{deal.name}-Linear"
    text = printed(manager, shot, "Deal Attribution", name, "Deal Attribution Report", "paper-deal")
    for told in (
        story["firm"].name,
        "by the model Linear",
        "The deal was won",
        "Time Decay",
        fmt_money(12_500),
    ):
        assert told in text
    assert errors == []
