"""A visitor clicks, fills in a form and becomes a lead that shows where it came from."""

from __future__ import annotations

import frappe
import pytest

from tests import harness
from tests.browser import helpers
from tests.site import crm_factory, factory

pytestmark = crm_factory.needs_crm


@pytest.fixture
def link_to_form():
    """A link in a campaign that leads to a form for leads."""
    form = crm_factory.make_web_form("first_name", "last_name", "email")
    route = frappe.db.get_value("Web Form", form, "route")
    campaign = factory.make_campaign()
    return factory.make_link(f"{harness.URL}/{route}", campaign=campaign.name)


def become_lead(page, link) -> str:
    """Click the link and send the form behind it; returns the lead's name."""
    page.goto(f"/r/{link.short_code}")
    person = crm_factory.person()
    for fieldname in ("first_name", "last_name", "email"):
        helpers.fill_web_field(page, fieldname, person[fieldname])
    page.get_by_role("button", name="Save").or_(page.get_by_role("button", name="Submit")).first.click()
    factory.drain()
    lead = harness.wait_until(lambda: frappe.db.get_value("CRM Lead", {"email": person["email"]}))
    crm_factory.finish_jobs()
    return lead


def test_lead_shows_its_campaign_in_desk(new_page, link_to_form, shot, console_errors):
    lead = become_lead(helpers.as_visitor(new_page()), link_to_form)
    desk = helpers.log_in(new_page())
    helpers.open_form(desk, "CRM Lead", lead)
    desk.get_by_role("tab", name="TrackFlow").click()
    shown = helpers.field(desk, "trackflow_campaign")
    shown.wait_for()
    assert link_to_form.campaign in shown.inner_text()
    assert "newsletter" in helpers.field(desk, "trackflow_source").inner_text()
    assert "email" in helpers.field(desk, "trackflow_medium").inner_text()
    shot(desk, "lead")

    visitor = helpers.value(desk, "trackflow_visitor_id")
    helpers.open_form(desk, "Visitor", visitor)
    desk.get_by_text("Converted", exact=True).locator("visible=true").first.wait_for()
    shot(desk, "visitor", full_page=True)
    helpers.button(desk, "Open Lead").click()
    helpers.wait_for_form(desk, "CRM Lead")
    assert desk.evaluate("cur_frm.docname") == lead
    assert console_errors == []


def test_credit_leads_to_its_deal(new_page, shot, console_errors):
    _campaign, link = crm_factory.campaign_link()
    lead = crm_factory.insert_lead(crm_factory.visited(link))
    deal = crm_factory.insert_deal(lead, 1000)
    name = frappe.db.get_value("Deal Attribution", {"deal_id": deal.name, "attribution_model": "Last Touch"})
    desk = helpers.log_in(new_page())
    helpers.open_form(desk, "Deal Attribution", name)
    shot(desk, "deal-attribution", full_page=True)
    helpers.button(desk, "Open Deal").click()
    helpers.wait_for_form(desk, "CRM Deal")
    assert desk.evaluate("cur_frm.docname") == deal.name
    assert console_errors == []
