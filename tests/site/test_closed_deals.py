"""A closed deal stays as it was at its close; one that is opened again goes on, and is closed anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import frappe
import pytest

from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm


@pytest.fixture
def brought() -> tuple[Any, Any, str]:
    """A campaign, its link and the visitor that it brought an hour ago."""
    campaign, link = crm.campaign_link(budget=100)
    return campaign, link, crm.visited(link)


def touched(deal: Any) -> list[str]:
    return [row.tracked_link for row in crm.credits_of(deal, "Linear")]


def come_back(visitor: str, ago: timedelta = timedelta(0)) -> Any:
    """The visitor follows a link of another campaign, by default just now; returns the link."""
    link = crm.campaign_link()[1]
    crm.visit(link, visitor, ago=ago)
    factory.drain()
    return link


def figures(campaign: Any) -> tuple[float, float, float]:
    """(revenue, won deals, conversions)"""
    frappe.db.commit()
    return frappe.db.get_value("Link Campaign", campaign.name, ["revenue", "won_deals", "conversions"])


def credit_again(deal: Any) -> None:
    from trackflow import credit

    frappe.db.commit()
    credit.credit_deal(deal.name)
    frappe.db.commit()


def test_a_touch_after_the_close_changes_nothing(brought: tuple[Any, Any, str]) -> None:
    campaign, link, visitor = brought
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    before = crm.rows("Deal Attribution", deal_id=deal.name)
    come_back(visitor)

    credit_again(deal)

    after = crm.rows("Deal Attribution", deal_id=deal.name)
    assert [row.touch_points for row in after] == [row.touch_points for row in before]
    assert touched(deal) == [link.name]
    assert figures(campaign) == (100, 1, 1)


def test_a_stranger_who_turns_out_to_be_one_of_them_changes_nothing(brought: tuple[Any, Any, str]) -> None:
    """Somebody else's device is tied to the lead after the deal was won."""
    _campaign, link, visitor = brought
    lead = crm.insert_lead(visitor)
    deal = crm.insert_deal(lead, value=100, status="Won")
    crm.insert_lead(crm.visited(crm.campaign_link()[1]), email=lead.email)

    credit_again(deal)

    assert touched(deal) == [link.name]


def test_clicks_that_were_cleaned_up_still_earn(brought: tuple[Any, Any, str]) -> None:
    campaign, link, visitor = brought
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    frappe.db.delete("Click Event", {"tracked_link": link.name})

    crm.save(deal, **{crm.value_field(): 300})

    assert touched(deal) == [link.name]
    assert figures(campaign) == (300, 1, 1)


def test_the_close_is_not_the_last_change(brought: tuple[Any, Any, str]) -> None:
    """What else is changed on a closed deal moves nothing, and neither does a change that nobody noted."""
    _campaign, link, visitor = brought
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    (journey,) = crm.rows("Deal Journey", deal_id=deal.name)
    come_back(visitor)
    frappe.db.set_value("CRM Deal", deal.name, "next_step", "Celebrate")
    frappe.db.delete("Deal Stage Change", {"deal_id": deal.name})

    credit_again(deal)

    (again,) = crm.rows("Deal Journey", deal_id=deal.name)
    assert (again.outcome, again.closed_at) == ("Won", journey.closed_at)
    assert touched(deal) == [link.name]


def test_another_value_is_shared_among_the_same_touches(brought: tuple[Any, Any, str]) -> None:
    campaign, link, visitor = brought
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    come_back(visitor)

    crm.save(deal, **{crm.value_field(): 250})

    assert crm.shares_of(deal, "Linear") == {link.name: (100.0, 250.0)}
    assert figures(campaign) == (250, 1, 1)
    assert [row.value for row in crm.conversions_of(deal)] == [250]


def test_who_corrects_the_people_of_a_closed_deal_corrects_its_credit(brought: tuple[Any, Any, str]) -> None:
    """But only with what they did before the close."""
    campaign, link, visitor = brought
    other_campaign, other = crm.campaign_link()
    lead = crm.insert_lead(crm.visited(other))
    deal = crm.insert_deal(crm.insert_lead(visitor), value=100, status="Won")
    assert touched(deal) == [link.name]
    come_back(lead.trackflow_visitor_id)

    deal = crm.save(deal, lead=lead.name)

    assert touched(deal) == [other.name]
    assert figures(campaign)[:2] == (0, 0)
    assert figures(other_campaign)[:2] == (100, 1)


def test_a_deal_that_is_opened_again_is_no_revenue_and_no_conversion(brought: tuple[Any, Any, str]) -> None:
    campaign, link, visitor = brought
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    assert frappe.db.get_value("Tracked Link", link.name, "conversion_count") == 1

    deal = crm.save(deal, status="Negotiation")

    assert figures(campaign) == (0, 0, 0)
    assert crm.conversions_of(deal) == []
    assert {row.is_won for row in crm.rows("Deal Attribution", deal_id=deal.name)} == {0}
    frappe.db.commit()
    assert frappe.db.get_value("Tracked Link", link.name, "conversion_count") == 0
    fields = ["conversion_count", "has_converted", "last_conversion_date"]
    assert frappe.db.get_value("Visitor", visitor, fields) == (0, 0, None)


def test_it_takes_in_what_comes_then_and_is_closed_anew(brought: tuple[Any, Any, str]) -> None:
    campaign, link, visitor = brought
    deal = crm.save(
        crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor), status="Negotiation"
    )
    later = come_back(visitor)
    deal = crm.save(deal, status="Won")

    assert touched(deal) == [link.name, later.name]
    assert figures(campaign)[0] == 0, "Last Touch is the default model"
    (conversion,) = crm.conversions_of(deal)
    won = crm.rows("Deal Stage Change", "change_date desc", deal_id=deal.name, to_stage="Won")
    assert conversion.conversion_date == won[0].change_date
    (journey,) = crm.rows("Deal Journey", deal_id=deal.name)
    assert journey.closed_at == won[0].change_date

    come_back(visitor)
    credit_again(deal)
    assert touched(deal) == [link.name, later.name]


def test_a_click_that_was_no_human_leaves_a_closed_deal_too(brought: tuple[Any, Any, str]) -> None:
    """A rejudgement corrects what was true before the close."""
    from trackflow import credit

    campaign, _link, visitor = brought
    robot = come_back(visitor, timedelta(minutes=30))
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    assert figures(campaign)[0] == 0
    frappe.db.set_value("Click Event", {"tracked_link": robot.name}, "verdict", "bot")
    late = come_back(visitor)

    credit.again([visitor])
    frappe.db.commit()
    crm.finish_jobs()

    assert robot.name not in touched(deal) and late.name not in touched(deal)
    assert figures(campaign)[0] == 100


def test_an_edited_model_shares_the_same_touches_anew(brought: tuple[Any, Any, str]) -> None:
    _campaign, link, visitor = brought
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    come_back(visitor)
    model = frappe.get_doc(
        doctype="Attribution Model", model_name=factory.unique("Model"), model_type="Linear"
    ).insert()
    frappe.db.commit()
    crm.finish_jobs()

    assert crm.shares_of(deal, model.name) == {link.name: (100.0, 100.0)}
    factory.change(model, is_active=0)
    crm.finish_jobs()
    frappe.delete_doc("Attribution Model", model.name)
    frappe.db.commit()


def test_a_deal_that_was_open_for_a_moment_is_closed_anew(brought: tuple[Any, Any, str]) -> None:
    """Quicker than any job could see it."""
    _campaign, link, visitor = brought
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    later = come_back(visitor)
    crm.save(deal, wait=False, status="Negotiation")
    crm.save(deal, status="Won")

    assert touched(deal) == [link.name, later.name]


def test_a_click_that_was_on_its_way_at_the_close_counts_after_all(brought: tuple[Any, Any, str]) -> None:
    from trackflow import credit

    _campaign, link, visitor = brought
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    late = come_back(visitor, timedelta(seconds=90))
    assert touched(deal) == [link.name]

    credit.catch_up()

    assert touched(deal) == [link.name, late.name]
