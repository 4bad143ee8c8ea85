"""The worked example on the form of an attribution model."""

from __future__ import annotations

import json

import frappe
import pytest

from trackflow.api import attribution as api
from trackflow.integrations.crm import values


def example(**values):
    return api.example(json.dumps(values))


def weights(answer):
    return [line["weight"] for line in answer["lines"]]


def test_example_follows_what_is_entered(site):
    answer = example(
        model_type="Position Based", position_based_first_weight=50, position_based_last_weight=30
    )
    assert answer["problem"] == ""
    assert (weights(answer)[0], weights(answer)[-1]) == (50, 30)
    assert weights(example(model_type="First Touch", lookback_window_days=40))[:2] == [0, 100]


def test_money_is_in_the_currency_of_the_crm(site, monkeypatch):
    monkeypatch.setattr(values, "company_currency", lambda: "XTS")
    assert example(model_type="Linear")["currency"] == "XTS"


def test_rules_and_findings_count(site):
    rule = {"channel_name": "Partners", "match_conditions": "source starts with partner", "weight": 4}
    answer = example(model_type="Custom", channel_rules=[rule])
    assert weights(answer) == [12.5, 12.5, 12.5, 0, 50, 12.5]
    assert answer["lines"][4]["channel"] == "Partners"
    found = json.dumps([{"state": "Email", "share": 1, "effect": 0.5}])
    assert weights(
        example(model_type="Data-Driven Markov", chain_order=1, minimum_journeys=9, results=found)
    ) == [0, 50, 0, 0, 0, 50]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"model_type": "Position Based", "position_based_first_weight": 80, "position_based_last_weight": 40}, "80"),
        ({"model_type": "Custom", "custom_rules": "{"}, "no valid JSON"),
        ({"model_type": "Data-Driven Markov", "chain_order": 1, "minimum_journeys": 9}, "learned nothing"),
        ({"model_type": "Astrology"}, "Astrology"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_explained_without_a_message_on_top(site, values, sentence):
    answer = example(**values)
    assert sentence in answer["problem"]
    assert answer["lines"] == []
    assert not frappe.local.message_log
