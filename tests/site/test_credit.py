"""What each touch earned: the models, the window, the money to the cent, and the same again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm


@pytest.fixture(scope="module")
def links() -> list[Any]:
    """Three campaigns' links: the first, the one between and the last."""
    return [crm.campaign_link(source=source)[1] for source in ("adverts", "partner", "newsletter")]


@pytest.fixture(scope="module")
def visitor(links: list[Any]) -> str:
    return crm.visited(*links)


@pytest.fixture(scope="module")
def open_deal(visitor: str) -> Any:
    """100.00 among three touches, which does not go evenly."""
    return crm.insert_deal(value=100, trackflow_visitor_id=visitor)


@pytest.fixture
def deal(visitor: str) -> Any:
    """The same, to be changed."""
    return crm.insert_deal(value=100, trackflow_visitor_id=visitor)


@pytest.fixture
def window() -> Iterator[int]:
    with factory.settings(attribution_window_days=30):
        yield 30


# ---------------------------------------------------------------- models


def test_every_active_model_gives_away_the_whole_deal(open_deal: Any) -> None:
    active = crm.models_with_credit()
    attributions = crm.rows("Deal Attribution", deal_id=open_deal.name)

    assert len(active) >= 8
    assert sorted(row.attribution_model for row in attributions) == sorted(active)
    for model in active:
        rows = crm.credits_of(open_deal, model)
        assert sum(Decimal(str(row.amount)) for row in rows) == 100, model
        assert sum(row.weight for row in rows) == pytest.approx(100, abs=1e-6), model
        assert {row.visitor_id for row in rows} == {open_deal.trackflow_visitor_id}


def test_first_and_last_touch_take_all(open_deal: Any, links: list[Any]) -> None:
    first, _between, last = links
    assert crm.shares_of(open_deal, "First Touch") == {first.name: (100.0, 100.0)}
    assert crm.shares_of(open_deal, "Last Touch") == {last.name: (100.0, 100.0)}
    (row,) = crm.rows("Deal Attribution", deal_id=open_deal.name, attribution_model="First Touch")
    assert (row.first_touch_campaign, row.last_touch_campaign) == (first.campaign, last.campaign)
    assert (row.attribution_value, row.is_won) == (100, 0)


def test_linear_splits_to_the_cent(open_deal: Any) -> None:
    amounts = [row.amount for row in crm.credits_of(open_deal, "Linear")]
    assert amounts == [33.34, 33.33, 33.33]


def test_position_based_and_time_decay(open_deal: Any, links: list[Any]) -> None:
    first, between, last = (crm.shares_of(open_deal, "Position Based")[link.name] for link in links)
    assert (first[1], between[1], last[1]) == (40, 20, 40)
    first, between, last = (crm.shares_of(open_deal, "Time Decay")[link.name] for link in links)
    assert first[0] < between[0] < last[0]
    assert last[0] / between[0] == pytest.approx(2 ** (1 / 7), rel=1e-3), "a day between, half-life 7 days"


def test_a_model_that_is_not_active_gives_nothing(visitor: str) -> None:
    model = frappe.get_doc("Attribution Model", "Linear")
    factory.change(model, is_active=0)
    try:
        deal = crm.insert_deal(trackflow_visitor_id=visitor)
        assert crm.rows("Deal Attribution", deal_id=deal.name, attribution_model="Linear") == []
        assert crm.rows("Deal Attribution", deal_id=deal.name, attribution_model="Last Touch")
    finally:
        factory.change(model, is_active=1)


@pytest.mark.parametrize(("model", "expected"), [("First Touch", 0), ("Linear", 2)])
def test_the_default_model_says_what_leads_and_deals_show(
    links: list[Any], visitor: str, model: str, expected: int
) -> None:
    """Last Touch, the usual default, is what all other tests see; it stands in for every other model."""
    with factory.settings(default_attribution_model=model):
        deal = crm.insert_deal(wait=False, trackflow_visitor_id=visitor)
        lead = crm.insert_lead(visitor)

    deal, touch = crm.fresh(deal), links[expected]
    assert (lead.trackflow_campaign, lead.trackflow_touch_count) == (touch.campaign, 3)
    assert (deal.trackflow_campaign, deal.trackflow_attribution_model) == (touch.campaign, model)


# ---------------------------------------------------------------- which touches count


def test_touches_before_the_window_earn_nothing(window: int, links: list[Any]) -> None:
    visitor = factory.new_visitor()
    crm.visit(links[0], visitor, ago=timedelta(days=window, hours=1))
    crm.visit(links[1], visitor, ago=timedelta(days=window - 1))
    factory.drain()

    lead = crm.insert_lead(visitor)
    deal = crm.convert(lead)

    assert (lead.trackflow_campaign, lead.trackflow_touch_count) == (links[1].campaign, 1)
    assert set(crm.shares_of(deal, "Linear")) == {links[1].name}


def test_only_humans_earn(links: list[Any]) -> None:
    visitor = factory.new_visitor()
    crm.visit(links[0], visitor)
    crm.visit(links[1], visitor, user_agent=factory.GOOGLEBOT)
    crm.visit(links[0], visitor, ago=timedelta(minutes=5, seconds=-3))
    factory.drain()

    deal = crm.insert_deal(trackflow_visitor_id=visitor)
    assert set(crm.shares_of(deal, "Linear")) == {links[0].name}
    assert len(crm.credits_of(deal, "Linear")) == 1, "the second click was a duplicate"


def test_direct_touches_earn_nothing_beside_others(links: list[Any]) -> None:
    direct = crm.direct_link()
    visitor = crm.visited(links[0], direct)

    lead = crm.insert_lead(visitor)
    deal = crm.convert(lead)

    assert (lead.trackflow_campaign, lead.trackflow_touch_count) == (links[0].campaign, 2)
    for model in ("First Touch", "Last Touch", "Linear", "Time Decay", "Position Based"):
        assert set(crm.shares_of(deal, model)) == {links[0].name}, model


def test_direct_touches_earn_where_nothing_else_is() -> None:
    first, last = crm.direct_link(), crm.direct_link()
    deal = crm.insert_deal(value=80, trackflow_visitor_id=crm.visited(first, last))

    assert crm.shares_of(deal, "Linear") == {first.name: (50.0, 40.0), last.name: (50.0, 40.0)}
    assert (deal.trackflow_source or "", deal.trackflow_touch_count) == ("", 2)


def test_the_visitors_first_touch_is_never_overwritten(links: list[Any]) -> None:
    visitor = crm.visited(links[0])
    crm.insert_lead(visitor)
    before = frappe.get_doc("Visitor", visitor)
    crm.visit(links[2], visitor, ago=timedelta(0))
    factory.drain()

    lead = crm.insert_lead(visitor)
    after = crm.fresh(before)
    assert (after.source, after.campaign) == ("adverts", links[0].campaign)
    assert after.first_seen == before.first_seen
    assert (lead.trackflow_first_touch_date, lead.trackflow_last_touch_date) == (
        before.first_seen,
        after.last_seen,
    )
    assert lead.trackflow_campaign == links[2].campaign


def test_touches_after_the_deal_was_closed_earn_nothing(links: list[Any]) -> None:
    won = crm.insert_deal(status="Won", trackflow_visitor_id=crm.visited(*links))
    crm.visit(crm.campaign_link()[1], won.trackflow_visitor_id, ago=timedelta(0))
    factory.drain()

    again = crm.save(won, **{crm.value_field(): 200})

    assert [row.tracked_link for row in crm.credits_of(again, "Linear")] == [link.name for link in links]
    assert (again.trackflow_touch_count, again.trackflow_last_touch_source) == (3, "newsletter")
    assert again.trackflow_last_touch_date == won.trackflow_last_touch_date


def test_touches_of_an_open_deal_count_as_they_come(links: list[Any]) -> None:
    deal = crm.insert_deal(trackflow_visitor_id=crm.visited(*links))
    new = crm.campaign_link()[1]
    crm.visit(new, deal.trackflow_visitor_id, ago=timedelta(0))
    factory.drain()

    again = crm.save(deal, status="Negotiation")
    assert set(crm.shares_of(again, "Last Touch")) == {new.name}
    assert again.trackflow_touch_count == 4


# ---------------------------------------------------------------- money


SPLITS = [
    ("JPY", 10000, [3334, 3333, 3333]),
    ("KWD", 1, [0.334, 0.333, 0.333]),
    ("EUR", 0.01, [0.01, 0, 0]),
    ("EUR", 0, [0, 0, 0]),
]


def test_parts_are_whole_units_of_the_currency(visitor: str) -> None:
    deals = [
        crm.insert_deal(value=value, currency=currency, wait=False, trackflow_visitor_id=visitor)
        for currency, value, _parts in SPLITS
    ]
    crm.finish_jobs()

    for deal, (currency, value, parts) in zip(deals, SPLITS, strict=True):
        amounts = [row.amount for row in crm.credits_of(deal, "Linear")]
        assert amounts == parts, f"{value} {currency}"


def test_deals_of_one_campaign_that_are_won_at_the_same_moment_all_count() -> None:
    """Their jobs meet at the same rows: none may end in a deadlock, or sum up without the others."""
    campaign, link = crm.campaign_link()
    visitor = crm.visited(link)
    deals = [
        crm.insert_deal(value=100, status="Won", wait=False, trackflow_visitor_id=visitor) for _ in range(8)
    ]
    crm.finish_jobs()

    assert [crm.shares_of(deal, "Linear") for deal in deals] == [{link.name: (100.0, 100.0)}] * 8
    frappe.db.commit()
    assert frappe.db.get_value("Link Campaign", campaign.name, "revenue") == 800
    assert frappe.db.get_value("Visitor", visitor, "conversion_count") == 8


def test_another_value_is_split_anew(deal: Any, links: list[Any]) -> None:
    deal = crm.save(deal, **{crm.value_field(): 250})

    assert crm.shares_of(deal, "Last Touch") == {links[2].name: (100.0, 250.0)}
    assert {row.attribution_value for row in crm.rows("Deal Attribution", deal_id=deal.name)} == {250}


def test_a_change_that_has_no_part_in_it_costs_nothing(open_deal: Any) -> None:
    before = {row.name: row.creation for row in crm.rows("Deal Attribution", deal_id=open_deal.name)}
    crm.save(open_deal, next_step="Call")

    assert {row.name: row.creation for row in crm.rows("Deal Attribution", deal_id=open_deal.name)} == before


# ---------------------------------------------------------------- the same again


def credit_rows(deal: Any) -> dict[str, list[dict]]:
    """All that was given under each model, without what tells one writing from another."""
    models = crm.models_with_credit()
    meta = ("name", "parent", "creation", "modified", "owner", "modified_by")
    return {
        model: [
            {key: value for key, value in row.items() if key not in meta}
            for row in crm.credits_of(deal, model)
        ]
        for model in models
    }


def test_the_same_input_gives_the_same_output(deal: Any) -> None:
    from trackflow import credit

    won = crm.save(deal, status="Won")
    before, links_before = credit_rows(won), crm.rows("Deal Link Association", deal_id=won.name)
    assert before["Linear"]

    for _ in range(2):
        credit.credit_deal(won.name)
        frappe.db.commit()

    assert credit_rows(won) == before
    again = crm.rows("Deal Link Association", deal_id=won.name)
    assert {(row.tracked_link, row.association_type, row.attribution_weight) for row in again} == {
        (row.tracked_link, row.association_type, row.attribution_weight) for row in links_before
    }
    assert crm.fresh(won).as_dict(no_default_fields=True) == won.as_dict(no_default_fields=True)
    assert len(crm.conversions_of(won)) == 1


def test_crediting_a_lead_again_changes_nothing(visitor: str) -> None:
    from trackflow import credit

    lead = crm.insert_lead(visitor)
    moment = now_datetime()
    credit.credit_lead(lead.name)
    frappe.db.commit()

    assert crm.tracked(crm.fresh(lead)) == crm.tracked(lead)
    assert len(crm.conversions_of(lead)) == 1
    assert crm.fresh(lead).modified < moment
