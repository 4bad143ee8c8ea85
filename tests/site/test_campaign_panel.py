"""What the form of a campaign shows beside its fields."""

from __future__ import annotations

import frappe
import pytest
from frappe.utils import today

from tests.site import crm_factory, factory
from trackflow import settings
from trackflow.api import campaigns as api
from trackflow.integrations.crm import values


def test_clicks_visitors_and_days_are_those_of_the_campaign(site):
    campaign = factory.make_campaign()
    links = [factory.make_link(campaign=campaign.name) for _each in range(2)]
    visitor = factory.new_visitor()
    for link in links:
        factory.put_clicks(link, [visitor, factory.new_visitor()])
    factory.put_clicks(links[0], [factory.new_visitor()], user_agent=factory.GOOGLEBOT)
    factory.drain()
    found = api.overview(campaign.name)
    assert (found["funnel"]["clicks"], found["funnel"]["visitors"]) == (4, 3)
    assert found["days"][-1] == {"date": today(), "clicks": 4, "visitors": 3}
    assert [link["click_count"] for link in found["links"]] == [2, 2]
    assert found["more_links"] == 0


@crm_factory.needs_crm
def test_funnel_ends_with_what_the_default_model_gives_the_campaign(site):
    campaign, link = crm_factory.campaign_link()
    other = crm_factory.direct_link()
    won = crm_factory.insert_lead(crm_factory.visited(link))
    crm_factory.insert_lead(crm_factory.visited(link))
    crm_factory.insert_lead(crm_factory.visited(other))
    deal = crm_factory.convert(won)
    crm_factory.save(deal, status="Won", **{crm_factory.value_field(): 900})
    found = api.overview(campaign.name)
    assert found["model"] == settings.default_model()
    assert {step: found["funnel"][step] for step in ("leads", "deals", "won")} == {
        "leads": 2, "deals": 1, "won": 1,
    }  # fmt: skip
    assert found["funnel"]["value"] == 900
    assert frappe.db.get_value("Link Campaign", campaign.name, "revenue") == 900
    assert [row["value"] for row in found["links"]] == [900]


def test_money_is_in_the_currency_of_the_crm(site, monkeypatch):
    monkeypatch.setattr(values, "company_currency", lambda: "XTS")
    assert api.overview(factory.make_campaign().name)["currency"] == "XTS"


def test_who_may_not_read_campaigns_learns_nothing(site):
    campaign = factory.make_campaign()
    frappe.set_user("Guest")
    try:
        with pytest.raises(frappe.PermissionError):
            api.overview(campaign.name)
    finally:
        frappe.set_user("Administrator")
