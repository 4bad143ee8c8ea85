"""Where leads, deals and organizations came from, on their Desk forms, as a salesperson sees it."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pytest

from tests.browser import helpers
from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm


@pytest.fixture(scope="module")
def office(browser):
    user = helpers.make_user("sally.sales@example.com", "Sales User")
    with helpers.desk_of(browser, user) as desk:
        yield desk


@pytest.fixture
def sales(office, errors):
    yield office[0]
    assert errors == []


@pytest.fixture(scope="module")
def story():
    """A firm with a won and an open deal of a lead who came by an advert, a letter and a poster."""
    firm = frappe.get_doc(doctype="CRM Organization", organization_name=factory.unique("Beech Ltd")).insert()
    frappe.db.commit()
    links = []
    for title, source, medium in (
        ("Autumn advert", "adsearch", "cpc"),
        ("Autumn letter", "newsletter", "email"),
        ("Autumn poster", "fair", "offline"),
    ):
        campaign = factory.make_campaign(source=source, medium=medium)
        links.append(factory.make_link(title=title, campaign=campaign.name))
    visitor = factory.new_visitor()
    for link, days in zip(links, (12, 5, 2), strict=True):
        crm.visit(link, visitor, ago=timedelta(days=days))
    factory.drain()
    lead = crm.insert_lead(visitor, organization=firm.name)
    won = crm.save(crm.insert_deal(lead, value=12_500, organization=firm.name), status="Won")
    still_open = crm.insert_deal(lead, value=800, organization=firm.name)
    return {"lead": lead, "won": won, "open": still_open, "firm": firm, "links": links}


def open_panel(page, doc):
    """Open the tab TrackFlow of a document; returns the panel once it is drawn."""
    helpers.open_form(page, doc.doctype, doc.name)
    page.get_by_role("tab", name="TrackFlow").locator("visible=true").click()
    panel = page.locator("[data-fieldname=trackflow_origin]:visible .trackflow-origin")
    panel.wait_for()
    helpers.settle(page)
    return panel


def test_a_lead_shows_its_journey(sales, story, shot):
    panel = open_panel(sales, story["lead"])
    panel.get_by_text("The lead was created").wait_for()
    panel.get_by_text("Source of this lead").wait_for()
    assert panel.locator("li").count() == 4
    assert "Autumn letter" in panel.inner_text()
    # A salesperson may open neither links nor campaigns.
    assert panel.locator("a").count() == 0
    shot(sales, "origin-lead", full_page=True)


def test_a_deal_shows_all_models_side_by_side(sales, story, shot):
    panel = open_panel(sales, story["won"])
    panel.get_by_text("The deal was won").wait_for()
    heads = panel.locator("thead th").all_inner_texts()
    assert {"Linear", "First Touch", "Position Based"} <= set(heads)
    linear = heads.index("Linear")
    cells = [row.locator("td, th").nth(linear).inner_text() for row in panel.locator("tbody tr").all()]
    assert [cell.split("\n")[-1] for cell in cells] == ["33.3 %"] * 3
    assert "12,500" in panel.locator("tfoot td").nth(linear - 1).inner_text()
    shot(sales, "origin-deal", full_page=True)


def test_an_organization_shows_its_score_and_what_campaigns_earned(sales, story, shot):
    panel = open_panel(sales, story["firm"])
    panel.get_by_text("Engagement score").wait_for()
    panel.get_by_role("link", name=story["won"].name).wait_for()
    shot(sales, "origin-organization", full_page=True)
    panel.get_by_role("link", name=story["won"].name).click()
    helpers.wait_for_form(sales, "CRM Deal", story["won"].name)


def test_a_deal_that_is_recomputed_shows_the_new_figures_by_itself(sales, story):
    from trackflow import credit, jobs
    from trackflow.attribution import requests

    deal = story["open"]
    with jobs.alone(f"{requests.DEAL} {deal.name}"):
        crm.save(deal, wait=False, **{crm.value_field(): 900})
        panel = open_panel(sales, deal)
        panel.get_by_text("Being recomputed").wait_for()
    credit.credit_deal(deal.name)
    panel.get_by_text("Being recomputed").wait_for(state="detached")
    assert "900" in panel.locator("tfoot").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_panel_fits_a_phone_and_a_dark_desk(browser, story, shot, theme):
    errors: list[str] = []
    context = helpers.new_context(browser, viewport=helpers.PHONE)
    page = helpers.log_in(helpers.new_page(context, errors), "sally.sales@example.com")
    page.evaluate("theme => document.documentElement.setAttribute('data-theme', theme)", theme)
    panel = open_panel(page, story["won"])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert panel.bounding_box()["width"] <= helpers.PHONE["width"]
    panel.scroll_into_view_if_needed()
    shot(page, f"origin-deal-phone-{theme}", full_page=True)
    context.close()
    assert errors == []


def test_who_may_open_campaigns_gets_links_to_them(browser, story):
    user = helpers.make_user("max.market@example.com", "Sales User", "Campaign Manager")
    with helpers.desk_of(browser, user) as (page, errors):
        panel = open_panel(page, story["won"])
        panel.get_by_role("link", name="Autumn letter").click()
        helpers.wait_for_form(page, "Tracked Link", story["links"][1].name)
    assert errors == []
