"""Outcomes: each recorded once, counted where it belongs, and what campaigns earn by them."""

from __future__ import annotations

from typing import Any

import frappe
import pytest
from frappe.utils import getdate

from tests.site import crm_factory as crm
from tests.site import factory
from trackflow import credit

pytestmark = crm.needs_crm


def visitor_counts(visitor: str) -> tuple[int, int, Any]:
    frappe.db.commit()
    fields = ["has_converted", "conversion_count", "last_conversion_date"]
    return frappe.db.get_value("Visitor", visitor, fields)


def count(doctype: str, name: str, field: str) -> int:
    frappe.db.commit()
    return frappe.db.get_value(doctype, name, field)


def earned(campaign: Any) -> tuple[float, float]:
    """(revenue, return on investment in percent) of a campaign."""
    frappe.db.commit()
    return frappe.db.get_value("Link Campaign", campaign.name, ["revenue", "roi_percentage"])


# ---------------------------------------------------------------- leads


def test_a_lead_is_one_conversion_of_each_link_that_led_to_it() -> None:
    early, first = crm.campaign_link(source="adverts")
    late, last = crm.campaign_link(source="newsletter", medium="email", budget=100)
    variant = factory.make_variant(last, "B", "https://shop.example.com/b", weight=50)
    visitor = crm.visited(first, first)
    click = crm.visit(last, visitor, variant="B")
    factory.drain()

    lead = crm.insert_lead(visitor)

    (conversion,) = crm.conversions_of(lead)
    assert (conversion.conversion_type, conversion.visitor) == ("Lead", visitor)
    assert (conversion.tracked_link, conversion.conversion_date) == (last.name, lead.creation)
    assert (conversion.source_campaign, conversion.source_source, conversion.source_medium) == (
        late.name,
        "newsletter",
        "email",
    )
    assert len(frappe.parse_json(conversion.attribution_data)) == 3
    of_links = {row.tracked_link: row for row in crm.rows("Link Conversion", conversion=conversion.name)}
    assert set(of_links) == {first.name, last.name}
    assert of_links[last.name].click_event == click
    assert of_links[last.name].visitor_id == visitor
    assert visitor_counts(visitor) == (1, 1, getdate(lead.creation))
    assert count("Tracked Link", first.name, "conversion_count") == 1
    assert count("Tracked Link", last.name, "conversion_count") == 1
    assert count("Campaign Link Variant", variant.name, "conversions") == 1
    assert count("Link Campaign", early.name, "conversions") == 0, "Last Touch is the default model"
    assert count("Link Campaign", late.name, "conversions") == 1
    assert count("Link Campaign", late.name, "conversion_rate") == 100
    assert count("Link Campaign", late.name, "cost_per_acquisition") == 100


def test_crediting_twice_counts_once() -> None:
    from trackflow import credit

    campaign, link = crm.campaign_link()
    visitor = crm.visited(link)
    lead = crm.insert_lead(visitor)

    credit.credit_lead(lead.name)
    credit.credit_lead(lead.name, page_url="https://example.com/late")
    frappe.db.commit()

    (conversion,) = crm.conversions_of(lead)
    assert len(crm.rows("Link Conversion", conversion=conversion.name)) == 1
    assert visitor_counts(visitor)[1] == 1
    assert count("Tracked Link", link.name, "conversion_count") == 1
    assert count("Link Campaign", campaign.name, "conversions") == 1


def test_a_second_lead_is_a_second_conversion() -> None:
    campaign, link = crm.campaign_link()
    visitor = crm.visited(link)
    crm.insert_lead(visitor)
    crm.insert_lead(visitor)

    assert visitor_counts(visitor)[1] == 2
    assert count("Link Campaign", campaign.name, "conversions") == 2


def test_saving_the_link_or_the_campaign_keeps_the_counts() -> None:
    campaign, link = crm.campaign_link(budget=50)
    link_form, campaign_form = crm.fresh(link), crm.fresh(campaign)
    crm.insert_lead(crm.visited(link))

    link_form.title = factory.unique("New title")
    link_form.save()
    campaign_form.description = "New"
    campaign_form.save()
    frappe.db.commit()

    assert count("Tracked Link", link.name, "conversion_count") == 1
    assert count("Link Campaign", campaign.name, "conversions") == 1
    assert count("Link Campaign", campaign.name, "cost_per_acquisition") == 50


def test_campaigns_share_a_conversion_as_the_default_model_says() -> None:
    (first, first_link), (last, last_link) = crm.campaign_link(), crm.campaign_link()
    with factory.settings(default_attribution_model="Linear"):
        crm.finish_jobs()
        lead = crm.insert_lead(crm.visited(first_link, first_link, last_link))
        (conversion,) = crm.conversions_of(lead)
        credits = crm.rows("Conversion Credit", "idx asc", parent=conversion.name)

        assert [row.campaign for row in credits] == [first.name, first.name, last.name]
        assert sum(row.weight for row in credits) == pytest.approx(100)
        shares = [count("Link Campaign", each.name, "credited_conversions") for each in (first, last)]
        assert shares == pytest.approx([2 / 3, 1 / 3], abs=1e-3)
        parts = [count("Link Campaign", each.name, "conversions") for each in (first, last)]
        assert parts == [1, 1], "each has a part in one"
    crm.finish_jobs()
    assert count("Link Campaign", first.name, "conversions") == 0
    assert count("Link Campaign", last.name, "conversions") == 1


def test_a_lead_and_its_deal_are_one_conversion_and_one_won_deal() -> None:
    campaign, link = crm.campaign_link(budget=100)
    lead = crm.insert_lead(crm.visited(link))
    deal = crm.save(crm.convert(lead), status="Won", **{crm.value_field(): 300})

    assert (crm.conversions_of(lead)[0].is_counted, crm.conversions_of(deal)[0].is_counted) == (1, 0)
    fields = (
        "conversions",
        "won_deals",
        "revenue",
        "conversion_rate",
        "cost_per_acquisition",
        "roi_percentage",
    )
    assert [count("Link Campaign", campaign.name, field) for field in fields] == [1, 1, 300, 100, 100, 200]


# ---------------------------------------------------------------- deals


@pytest.fixture
def two_campaigns() -> tuple[Any, Any, str]:
    """The campaigns of a visitor's first and last touch, the last one with a budget; and the visitor."""
    first, first_link = crm.campaign_link(source="adverts")
    last, last_link = crm.campaign_link(source="newsletter", budget=200)
    return first, last, crm.visited(first_link, last_link)


def test_a_deal_that_is_won_is_a_conversion_with_a_value(two_campaigns: tuple[Any, Any, str]) -> None:
    first, last, visitor = two_campaigns
    deal = crm.insert_deal(value=1000, trackflow_visitor_id=visitor)
    assert crm.conversions_of(deal) == []
    assert earned(last)[0] == 0

    deal = crm.save(deal, status="Won")

    (conversion,) = crm.conversions_of(deal)
    assert (conversion.conversion_type, conversion.visitor) == ("Deal Won", visitor)
    assert (conversion.value, conversion.source_campaign) == (1000, last.name)
    (stage,) = crm.rows("Deal Stage Change", deal_id=deal.name, to_stage="Won")
    assert conversion.conversion_date == stage.change_date
    of_links = crm.rows("Link Conversion", conversion=conversion.name)
    assert {row.conversion_value for row in of_links} == {1000}
    assert len(of_links) == 2
    assert earned(last) == (1000, 400), "revenue, and (1000 - 200) / 200"
    assert earned(first) == (0, 0), "Last Touch is the default model"
    assert {row.is_won for row in crm.rows("Deal Attribution", deal_id=deal.name)} == {1}

    crm.save(deal, next_step="Celebrate", status="Won")
    assert len(crm.conversions_of(deal)) == 1


def test_the_default_model_says_who_earned_it(two_campaigns: tuple[Any, Any, str]) -> None:
    first, last, visitor = two_campaigns
    with factory.settings(default_attribution_model="Linear"):
        crm.insert_deal(value=1000, status="Won", trackflow_visitor_id=visitor)

    assert (earned(first)[0], earned(last)[0]) == (500, 500)


def test_a_deal_that_is_lost_earns_nothing(two_campaigns: tuple[Any, Any, str]) -> None:
    _first, last, visitor = two_campaigns
    deal = crm.insert_deal(value=1000, trackflow_visitor_id=visitor)
    deal = crm.save(deal, status="Lost")

    assert crm.conversions_of(deal) == []
    assert earned(last)[0] == 0
    attributions = crm.rows("Deal Attribution", deal_id=deal.name)
    assert attributions
    assert {row.is_won for row in attributions} == {0}


def test_revenue_follows_value_and_status(two_campaigns: tuple[Any, Any, str]) -> None:
    _first, last, visitor = two_campaigns
    deal = crm.insert_deal(value=1000, status="Won", trackflow_visitor_id=visitor)
    crm.insert_deal(value=50, status="Won", trackflow_visitor_id=visitor)
    assert earned(last)[0] == 1050

    deal = crm.save(deal, **{crm.value_field(): 400})
    assert earned(last) == (450, 125)

    crm.save(deal, status="Lost")
    assert earned(last)[0] == 50


def test_a_deal_whose_visitor_is_gone_is_won_and_credited_without_a_conversion() -> None:
    campaign, link = crm.campaign_link()
    visitor = crm.visited(link)
    deal = crm.insert_deal(crm.insert_lead(visitor), value=500)
    frappe.db.delete("Visitor", {"name": visitor})
    frappe.db.set_value("CRM Deal", deal.name, "status", "Won")
    frappe.db.commit()
    credit.credit_deal(deal.name)
    frappe.db.commit()
    assert earned(campaign)[0] == 500
    assert not frappe.db.exists("Conversion", {"reference_doctype": "CRM Deal", "reference_name": deal.name})
