"""Attribution Models as documents: what can be saved, and what deals get from each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import frappe
import pytest

from tests.site import crm_factory as crm
from tests.site import factory

DOCTYPE = "Attribution Model"


@pytest.fixture
def make_model(site: Any) -> Iterator[Any]:
    """Makes models, which give no credit any more and are gone after the test."""
    made = []

    def make(model_type: str, **fields: Any) -> Any:
        doc = frappe.get_doc(
            doctype=DOCTYPE, model_name=factory.unique("Model"), model_type=model_type, **fields
        ).insert()
        frappe.db.commit()
        made.append(doc.name)
        return doc

    yield make
    frappe.db.rollback()
    frappe.set_user("Administrator")
    for name in made:
        factory.change(frappe.get_doc(DOCTYPE, name), is_active=0)
    crm.finish_jobs()
    frappe.db.commit()
    for name in made:
        frappe.delete_doc(DOCTYPE, name)
    frappe.db.commit()


# ---------------------------------------------------------------- standard models


def test_every_standard_model_is_there_and_can_be_copied(site: Any, make_model: Any) -> None:
    from trackflow.setup.standard_models import MODELS

    assert len(MODELS) == 10
    for name in MODELS:
        model = frappe.get_doc(DOCTYPE, name)
        assert model.model_type == name
        copy = frappe.copy_doc(model)
        copy.model_name = factory.unique("Copy")
        assert not copy.results and not copy.pending_change
    wanted = [22.5] * 4
    assert [
        frappe.get_doc(DOCTYPE, "Full Path").get(f"milestone_{name}_weight")
        for name in ("first", "lead", "deal", "won")
    ] == wanted


def test_updates_bring_missing_standard_models_and_leave_edits_alone(site: Any) -> None:
    from trackflow.setup import standard_models

    linear = frappe.get_doc(DOCTYPE, "Linear")
    before = linear.description
    try:
        factory.change(linear, description="Ours")
        standard_models.create()
        assert frappe.db.get_value(DOCTYPE, "Linear", "description") == "Ours"
    finally:
        factory.change(linear, description=before)


def test_a_standard_model_cannot_be_deleted(site: Any) -> None:
    with pytest.raises(frappe.ValidationError, match="would come back"):
        frappe.delete_doc(DOCTYPE, "W-Shaped")


# ---------------------------------------------------------------- what can be saved


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"model_type": "W-Shaped", "milestone_first_weight": 60, "milestone_lead_weight": 50}, "from 0 to 100 %"),
        ({"model_type": "Custom"}, "Without them it would be Linear"),
        ({"model_type": "Custom", "custom_rules": "{"}, "no valid JSON"),
        ({"model_type": "Custom", "custom_rules": '["Email"]'}, "must be one object"),
        ({"model_type": "Custom", "custom_rules": '{"weights": 1}'}, "weights, which means nothing"),
        ({"model_type": "Custom", "custom_rules": '{"channels": {"Telegram": 1}}'}, "no channel of the usual"),
        ({"model_type": "Custom", "custom_rules": '{"first": -1}'}, "from 0 to 1000000"),
        ({"model_type": "Linear", "channel_rules": [{"channel_name": "A", "match_conditions": "x"}]}, "can&#39;t be understood|can't be understood"),
        ({"model_type": "Linear", "channel_rules": [{"channel_name": "A", "match_conditions": "source regex ("}]}, "The pattern"),
        ({"model_type": "Data-Driven Markov", "chain_order": 5}, "from 1 to 4"),
        ({"model_type": "Data-Driven Shapley", "minimum_journeys": 1}, "at least 2 journeys"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused_with_what_to_change(site: Any, fields: dict, sentence: str) -> None:
    with pytest.raises(frappe.ValidationError, match=sentence):
        frappe.get_doc(doctype=DOCTYPE, model_name=factory.unique("Model"), **fields).insert()


def test_a_form_that_was_opened_before_does_not_bring_old_findings_back(make_model: Any) -> None:
    model = make_model("Data-Driven Markov", is_active=0)
    crm.finish_jobs()
    frappe.db.commit()
    old = frappe.get_doc(DOCTYPE, model.name)
    found = json.dumps([{"state": "Email", "share": 1.0, "effect": 1.0}])
    frappe.db.set_value(DOCTYPE, model.name, "results", found, update_modified=False)
    old.description = "Changed"
    old.save()
    assert json.loads(frappe.db.get_value(DOCTYPE, model.name, "results"))[0]["state"] == "Email"


# ---------------------------------------------------------------- what deals get


@crm.needs_crm
def test_milestones_of_the_crm_decide_under_w_shaped_and_full_path(site: Any) -> None:
    """Two touches before the lead, one between lead and deal, one between deal and win."""
    links = [crm.campaign_link()[1] for _ in range(4)]
    visitor = crm.visited(links[0], links[1])
    lead = crm.insert_lead(visitor)
    for link in links[2:]:
        crm.visit(link, visitor, ago=timedelta(0))
        factory.drain()
        if link is links[2]:
            deal = crm.convert(frappe.get_doc("CRM Lead", lead.name))
    deal = crm.save(deal, status="Won", **{crm.value_field(): 1000})

    shares = crm.shares_of(deal, "Full Path")
    assert [shares[link.name][1] for link in links] == [250, 250, 250, 250]
    shares = crm.shares_of(deal, "W-Shaped")
    assert [shares[link.name][1] for link in links] == [300, 300, 300, 100]


@crm.needs_crm
def test_custom_models_follow_their_rules_and_credits_name_their_channel(make_model: Any) -> None:
    search = crm.campaign_link(source="google", medium="cpc")[1]
    partner = crm.campaign_link(source="acme", medium="partner")[1]
    visitor = crm.visited(search, partner)
    model = make_model(
        "Custom",
        custom_rules='{"channels": {"Paid Search": 0.5}}',
        channel_rules=[
            {"channel_name": "Everything", "match_conditions": "", "priority": 20, "weight": 9},
            {"channel_name": "Partners", "match_conditions": "medium equals partner\nsource regex ^ac", "priority": 1, "weight": 1.5},
            {"channel_name": "Search", "match_conditions": "source equals google", "priority": 2, "weight": 0.5},
        ],
    )  # fmt: skip
    deal = crm.insert_deal(value=100, trackflow_visitor_id=visitor)

    rows = crm.credits_of(deal, model.name)
    assert [(row.tracked_link, row.channel, row.amount) for row in rows] == [
        (search.name, "Search", 25),
        (partner.name, "Partners", 75),
    ]
    assert [row.channel for row in crm.credits_of(deal, "Linear")] == ["Paid Search", "Other"]


@crm.needs_crm
def test_a_model_has_a_window_of_its_own(make_model: Any) -> None:
    old, new = crm.campaign_link()[1], crm.campaign_link()[1]
    visitor = factory.new_visitor()
    crm.visit(old, visitor, ago=timedelta(days=120))
    crm.visit(new, visitor, ago=timedelta(days=20))
    factory.drain()
    longer = make_model("Linear", lookback_window_days=365)
    shorter = make_model("Linear", lookback_window_days=7)
    deal = crm.insert_deal(value=100, trackflow_visitor_id=visitor)

    assert set(crm.shares_of(deal, longer.name)) == {old.name, new.name}
    assert set(crm.shares_of(deal, "Linear")) == {new.name}
    assert not crm.rows("Deal Attribution", deal_id=deal.name, attribution_model=shorter.name)
    assert crm.fresh(deal).trackflow_touch_count == 1
