"""Print formats: a campaign's report and a deal's, with the figures that the forms show, for those who may see them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import frappe
import pytest
from frappe.utils import fmt_money

from tests.site import crm_factory as crm
from tests.site import factory
from trackflow.panels import campaign as campaign_panel
from trackflow.panels import paper

EVIL = "<b onmouseover=alert(1)>&\"'"


@pytest.fixture(autouse=True)
def nobody_stays_logged_in() -> Iterator[None]:
    yield
    frappe.set_user("Administrator")


def as_user(user: str) -> None:
    frappe.set_user(user)
    frappe.clear_cache(user=user)


def printed(doctype: str, name: str, print_format: str) -> str:
    return frappe.get_print(doctype, name, print_format)


def text_of(page: str) -> str:
    page = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


# ---------------------------------------------------------------- campaigns


@pytest.fixture(scope="module")
def campaign() -> Any:
    campaign = factory.make_campaign(budget=50)
    link = factory.make_link(campaign=campaign.name)
    # Past what Frappe takes out of texts when they are saved.
    frappe.db.set_value("Tracked Link", link.name, "title", "Poster " + EVIL)
    factory.put_clicks(link, [factory.new_visitor() for _each in range(3)])
    factory.drain()
    return campaign


def test_a_campaign_prints_its_figures_and_links(campaign: Any) -> None:
    page = printed("Link Campaign", campaign.name, "Campaign Report")
    text = text_of(page)
    assert campaign.campaign_id in text
    assert "3 clicks in 90 days" in text
    assert "Poster " + EVIL in text
    assert "<b onmouseover" not in page
    # The way to won deals, and the days.
    assert page.count("<svg") >= 2
    assert "{{" not in page and "{%" not in page


def test_a_campaign_without_a_budget_prints_what_was_spent_and_its_return() -> None:
    campaign = factory.make_campaign(amount_spent=40)
    text = text_of(printed("Link Campaign", campaign.name, "Campaign Report"))
    assert "40.00" in text and "-100.0 %" in text


def test_it_is_what_the_print_button_shows_first() -> None:
    assert frappe.get_meta("Link Campaign").default_print_format == "Campaign Report"
    assert frappe.get_meta("Deal Attribution").default_print_format == "Deal Attribution Report"


@crm.needs_crm
def test_a_campaign_prints_what_it_won_under_each_model() -> None:
    campaign, link = crm.campaign_link()
    deal = crm.save(crm.insert_deal(value=777, trackflow_visitor_id=crm.visited(link)), status="Won")
    told = campaign_panel.won_value_by_model(campaign.name)
    for row in told:
        credited = frappe.get_all(
            "Deal Attribution",
            {"deal_id": deal.name, "attribution_model": row["model"]},
            pluck="attribution_value",
        )
        assert row["value"] == sum(credited), row
    assert sum(row["value"] == 777 for row in told) > 5
    assert "777.00" in text_of(printed("Link Campaign", campaign.name, "Campaign Report"))


@crm.needs_crm
def test_who_may_see_campaigns_and_no_credit_prints_no_money(campaign: Any) -> None:
    user = crm.a_user("Sales User")
    rule = {"parent": "Link Campaign", "role": "Sales User", "permlevel": 0, "read": 1, "print": 1}
    try:
        # Nothing is committed: no other process sees this rule.
        frappe.get_doc(doctype="Custom DocPerm", **rule).insert()
        as_user(user)
        report = paper.trackflow_campaign(campaign.name)
    finally:
        frappe.set_user("Administrator")
        frappe.db.rollback()
        frappe.clear_cache(doctype="Link Campaign")
    assert report["shows_credit"] is False
    assert report["models"] is None
    assert not {"Revenue", "Won Deals", "ROI"} & {label for label, _text in report["figures"]}
    assert ("Clicks", "3") in report["figures"]
    assert report["links"] == []


def test_others_print_no_campaign(campaign: Any, http: Any) -> None:
    as_user(crm.a_user("Blogger"))
    # Newer versions say that there is no such document.
    with pytest.raises((frappe.PermissionError, frappe.DoesNotExistError)):
        paper.trackflow_campaign(campaign.name)
    asked = {"doctype": "Link Campaign", "name": campaign.name, "format": "Campaign Report"}
    answer = http.get("/printview", params=asked)
    assert "Campaign ID" not in answer.text


# ---------------------------------------------------------------- deals


@pytest.fixture(scope="module")
def deal() -> Any:
    first, last = crm.campaign_link(), crm.campaign_link()
    deal = crm.insert_deal(value=1000, trackflow_visitor_id=crm.visited(first[1], last[1]))
    return crm.save(deal, status="Won")


@crm.needs_crm
def test_a_deal_prints_its_journey_and_all_models(deal: Any) -> None:
    page = printed("Deal Attribution", f"{deal.name}-Linear", "Deal Attribution Report")
    text = text_of(page)
    models = crm.models_with_credit()
    giving = [
        model for model in models if crm.rows("Deal Attribution", deal_id=deal.name, attribution_model=model)
    ]
    total = fmt_money(1000, currency=crm.rows("Deal Attribution", deal_id=deal.name)[0].currency)
    sums = re.findall(r"<tfoot>.*?</tfoot>", page, re.DOTALL)
    assert sum(each.count(html.escape(total)) for each in sums) == len(giving)
    # Four beside each other fit on a sheet.
    assert len(sums) == -(-len(giving) // 4)
    assert "by the model Linear" in text
    assert "(50.0 %)" in text
    assert "The deal was won" in text
    assert "{{" not in page and "{%" not in page


@crm.needs_crm
def test_a_campaign_manager_prints_a_deal_and_others_do_not(deal: Any) -> None:
    name = f"{deal.name}-Linear"
    as_user(crm.a_user("Campaign Manager"))
    assert paper.trackflow_deal(name)["deal"] == deal.name
    as_user(crm.a_user("Sales User"))
    with pytest.raises((frappe.PermissionError, frappe.DoesNotExistError)):
        paper.trackflow_deal(name)


@crm.needs_crm
def test_the_panel_of_a_deal_names_what_can_be_printed(deal: Any) -> None:
    from trackflow.api import attribution as api

    assert api.panel("CRM Deal", deal.name)["to_print"] == f"{deal.name}-Last Touch"
    as_user(crm.a_user("Sales User"))
    assert api.panel("CRM Deal", deal.name)["to_print"] == ""
    frappe.set_user("Administrator")
    assert api.panel("CRM Deal", crm.insert_deal(value=1).name)["to_print"] == ""
