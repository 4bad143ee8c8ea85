"""Deals that are there already follow when a model or a setting changes, and data-driven models learn from them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import frappe
import pytest
from frappe.utils import now_datetime

from tests import harness
from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm
DOCTYPE = "Attribution Model"


@pytest.fixture(scope="module")
def links() -> list[Any]:
    return [
        crm.campaign_link(source=source, medium=medium)[1]
        for source, medium in (("google", "cpc"), ("news", "email"))
    ]


@pytest.fixture(scope="module")
def visitor(links: list[Any]) -> str:
    return crm.visited(*links)


@pytest.fixture
def model(visitor: str) -> Iterator[Any]:
    """A copy of Position Based that is deleted after the test."""
    doc = frappe.get_doc(
        doctype=DOCTYPE, model_name=factory.unique("Model"), model_type="Position Based"
    ).insert()
    frappe.db.commit()
    crm.finish_jobs()
    yield doc
    frappe.db.rollback()
    factory.change(doc, is_active=0)
    crm.finish_jobs()
    frappe.db.commit()
    frappe.delete_doc(DOCTYPE, doc.name)
    frappe.db.commit()


def amounts(deal: Any, model: str) -> list[float]:
    return [row.amount for row in crm.credits_of(deal, model)]


def is_settled(model: Any) -> bool:
    frappe.db.commit()
    return not frappe.db.get_value(DOCTYPE, model.name, "pending_change")


def test_a_new_model_credits_deals_that_are_there_already(visitor: str, links: list[Any]) -> None:
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    model = frappe.get_doc(doctype=DOCTYPE, model_name=factory.unique("Model"), model_type="Linear").insert()
    frappe.db.commit()
    crm.finish_jobs()

    assert amounts(deal, model.name) == [50, 50]
    assert is_settled(model)
    factory.change(model, is_active=0)
    crm.finish_jobs()
    assert not crm.rows("Deal Attribution", attribution_model=model.name)
    frappe.delete_doc(DOCTYPE, model.name)
    frappe.db.commit()


def test_editing_a_model_credits_its_deals_again_and_no_other_model(model: Any, visitor: str) -> None:
    deals = [crm.insert_deal(value=100, wait=False, trackflow_visitor_id=visitor) for _ in range(3)]
    crm.finish_jobs()
    assert [amounts(deal, model.name) for deal in deals] == [[50, 50]] * 3
    linear = {row.name: row.creation for row in crm.rows("Deal Attribution", attribution_model="Linear")}

    crm.save(model, position_based_first_weight=75, position_based_last_weight=25)

    assert [amounts(deal, model.name) for deal in deals] == [[75, 25]] * 3
    assert {
        row.name: row.creation for row in crm.rows("Deal Attribution", attribution_model="Linear")
    } == linear
    assert is_settled(model)


def test_a_change_that_gives_nobody_other_credit_asks_for_nothing(model: Any) -> None:
    factory.change(model, description="Another one")
    assert is_settled(model)


def test_a_lost_job_is_asked_for_again_hourly(model: Any, visitor: str) -> None:
    from trackflow.attribution import rebuild as attribution_rebuild

    deal = crm.insert_deal(value=100, trackflow_visitor_id=visitor)
    # As if the job had been lost with the queue: changed, and nobody told a worker.
    frappe.db.set_value(
        DOCTYPE,
        model.name,
        {"position_based_first_weight": 90, "position_based_last_weight": 10, "pending_change": "lost"},
    )
    frappe.clear_document_cache(DOCTYPE, model.name)
    frappe.db.commit()

    attribution_rebuild.catch_up()
    crm.finish_jobs()

    assert amounts(deal, model.name) == [90, 10]
    assert is_settled(model)


def test_the_form_is_told_how_far_the_job_is(model: Any) -> None:
    from trackflow.api import attribution

    idle = {"is_computing": False, "is_pending": False, "done": 0, "total": 0}
    assert attribution.progress(model.name) == idle
    frappe.db.set_value(DOCTYPE, model.name, "pending_change", "waiting")
    assert attribution.progress(model.name)["is_pending"]


def test_another_default_model_moves_the_revenue_and_what_leads_and_deals_show() -> None:
    (first_campaign, first), (last_campaign, last) = crm.campaign_link(), crm.campaign_link()
    visitor = crm.visited(first, last)
    lead = crm.insert_lead(visitor)
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)

    def revenue() -> list[float]:
        frappe.db.commit()
        return [
            frappe.db.get_value("Link Campaign", one.name, "revenue")
            for one in (first_campaign, last_campaign)
        ]

    assert revenue() == [0, 100]
    with factory.settings(default_attribution_model="First Touch"):
        crm.finish_jobs()
        assert revenue() == [100, 0]
        assert crm.fresh(deal).trackflow_campaign == crm.fresh(lead).trackflow_campaign == first_campaign.name
    crm.finish_jobs()
    assert revenue() == [0, 100]
    assert crm.fresh(lead).trackflow_campaign == last_campaign.name


def test_a_deal_that_fails_is_tried_again_and_no_other(model: Any, visitor: str, links: list[Any]) -> None:
    from trackflow import credit

    deal, broken = (
        crm.insert_deal(value=100, status="Won", wait=False, trackflow_visitor_id=visitor) for _ in range(2)
    )
    crm.finish_jobs()
    kept = frappe.db.get_value("Deal Journey", broken.name, "touches")
    frappe.db.set_value("Deal Journey", broken.name, "touches", '[{"at": "2020-01-01"}]')
    frappe.db.commit()

    crm.save(model, position_based_first_weight=75, position_based_last_weight=25)

    assert amounts(deal, model.name) == [75, 25]
    assert amounts(broken, model.name) == [50, 50], "what was there stays"
    assert is_settled(model)
    assert "TypeError" in credit.state(broken.name)["message"]

    frappe.db.set_value("Deal Journey", broken.name, "touches", kept)
    frappe.db.set_value("Deal Journey", deal.name, "closed_at", "2020-01-01")
    frappe.db.commit()
    before = frappe.db.get_value("Deal Journey", deal.name, "credited_at")
    credit.catch_up()

    assert amounts(broken, model.name) == [75, 25]
    assert not credit.state(broken.name)["failed_at"]
    frappe.db.commit()
    assert frappe.db.get_value("Deal Journey", deal.name, "credited_at") == before


# ---------------------------------------------------------------- data-driven


def data_driven(model_type: str, **fields: Any) -> Any:
    doc = frappe.get_doc(
        doctype=DOCTYPE,
        model_name=factory.unique("Learned"),
        model_type=model_type,
        states="Campaign",
        **fields,
    ).insert()
    frappe.db.commit()
    crm.finish_jobs()
    return crm.fresh(doc)


def put_away(model: Any) -> None:
    factory.change(model, is_active=0)
    crm.finish_jobs()
    frappe.delete_doc(DOCTYPE, model.name)
    frappe.db.commit()


def test_a_model_with_too_few_journeys_gives_nothing_and_says_why(visitor: str) -> None:
    model = data_driven("Data-Driven Markov", minimum_journeys=1_000_000)
    deal = crm.insert_deal(value=100, trackflow_visitor_id=visitor)

    assert "asks for at least 1000000" in model.findings_message
    assert not model.results and model.computed_at
    assert not crm.rows("Deal Attribution", deal_id=deal.name, attribution_model=model.name)
    put_away(model)


@pytest.mark.parametrize("model_type", ["Data-Driven Markov", "Data-Driven Shapley"])
def test_deals_are_credited_by_what_was_learned_from_won_and_lost_ones(model_type: str) -> None:
    """A campaign that is in the won journeys earns, one that is in the lost ones too earns less."""
    (good_campaign, good), (idle_campaign, idle) = crm.campaign_link(), crm.campaign_link()
    good_visitor, idle_visitor, both = crm.visited(good), crm.visited(idle), crm.visited(idle, good)
    for visitor, status in (
        (good_visitor, "Won"),
        (good_visitor, "Won"),
        (idle_visitor, "Lost"),
        (idle_visitor, "Lost"),
        (both, "Won"),
    ):
        crm.insert_deal(value=100, status=status, wait=False, trackflow_visitor_id=visitor)
    crm.finish_jobs()

    model = data_driven(model_type, minimum_journeys=5)
    shares = {row["state"]: row["share"] for row in json.loads(model.results)}
    assert not model.findings_message and model.journey_count >= 5
    assert 0 < model.conversion_count < model.journey_count
    assert shares[good_campaign.name] > shares[idle_campaign.name]
    assert sum(shares.values()) == pytest.approx(1)

    deal = crm.insert_deal(value=100, trackflow_visitor_id=both)
    earned = {row.campaign: row.amount for row in crm.credits_of(deal, model.name)}
    expected = 100 * shares[good_campaign.name] / (shares[good_campaign.name] + shares[idle_campaign.name])
    assert earned[good_campaign.name] == pytest.approx(expected, abs=0.01)
    assert sum(earned.values()) == pytest.approx(100)
    put_away(model)


def test_only_those_who_may_change_a_model_let_it_compute() -> None:
    from trackflow.api import attribution

    user = crm.make_user("Campaign Manager")
    frappe.set_user(user)
    try:
        with pytest.raises(frappe.PermissionError):
            attribution.compute("Data-Driven Markov")
        assert attribution.progress("Data-Driven Markov")["total"] == 0
    finally:
        frappe.set_user("Administrator")
    with pytest.raises(frappe.ValidationError, match="Only data-driven"):
        attribution.compute("Linear")


# ---------------------------------------------------------------- many deals


@pytest.fixture
def a_thousand_deals(visitor: str) -> Iterator[list[str]]:
    """Open deals of one visitor, written with SQL, so that nothing has been worked out for them yet."""
    names, now = [factory.unique("D") for _ in range(1_000)], now_datetime()
    columns = ("name", "creation", "modified", "owner", "status", crm.value_field(), "trackflow_visitor_id")
    rows = [(name, now, now, "Administrator", "Qualification", 100, visitor) for name in names]
    frappe.db.bulk_insert("CRM Deal", columns, rows)
    frappe.db.commit()
    yield names
    attributions = frappe.get_all("Deal Attribution", {"deal_id": ("in", names)}, pluck="name")
    frappe.db.delete("Deal Attribution Credit", {"parent": ("in", attributions or [""])})
    for table, field in (("CRM Deal", "name"), ("Deal Attribution", "deal_id"), ("Deal Journey", "deal_id")):
        frappe.db.delete(table, {field: ("in", names)})
    frappe.db.delete("Identity Link", {"crm_deal": ("in", names)})
    frappe.db.commit()


def test_a_model_is_edited_with_a_thousand_deals(model: Any, a_thousand_deals: list[str]) -> None:
    from trackflow.attribution import rebuild

    factory.change(model, position_based_first_weight=90, position_based_last_weight=10)
    seen = harness.wait_until(rebuild.progress, timeout=60, pause=0.02)
    harness.wait_until(lambda: is_settled(model), timeout=600, pause=0.5)
    crm.finish_jobs()
    of_model = {"deal_id": ("in", a_thousand_deals), "attribution_model": model.name}
    frappe.db.commit()

    assert seen["total"] >= 1_000
    assert frappe.db.count("Deal Attribution", of_model) == 1_000
    credits = {"parent": ("in", frappe.get_all("Deal Attribution", of_model, pluck="name"))}
    assert set(frappe.get_all("Deal Attribution Credit", credits, pluck="amount")) == {90.0, 10.0}
