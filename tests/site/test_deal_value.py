"""What a deal is worth: the field and the exchange rate that the CRM has, exact in the currency's smallest unit."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import frappe
import pytest
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

from tests.site import crm_factory as crm

pytestmark = crm.needs_crm

# The fields of CRM 1.51.
NEWER = {
    "CRM Deal": [
        {"fieldname": "deal_value", "fieldtype": "Currency", "label": "Deal Value"},
        {"fieldname": "expected_deal_value", "fieldtype": "Currency", "label": "Expected Deal Value"},
        {"fieldname": "exchange_rate", "fieldtype": "Float", "label": "Exchange Rate"},
    ],
    "FCRM Settings": [
        {"fieldname": "currency", "fieldtype": "Link", "options": "Currency", "label": "Currency"}
    ],
}


@pytest.fixture(scope="module")
def links() -> list[Any]:
    return [crm.campaign_link()[1] for _ in range(3)]


@pytest.fixture(scope="module")
def visitor(links: list[Any]) -> str:
    return crm.visited(*links)


@pytest.fixture(scope="module")
def newer_crm() -> Iterator[None]:
    """The CRM with the fields of its newer versions, and EUR as the company's currency."""
    missing = {
        doctype: [field for field in fields if not frappe.get_meta(doctype).has_field(field["fieldname"])]
        for doctype, fields in NEWER.items()
    }
    create_custom_fields(missing)
    was = frappe.db.get_single_value("FCRM Settings", "currency")
    _set_company_currency("EUR")
    yield
    _set_company_currency(was)
    for doctype, fields in missing.items():
        for field in fields:
            frappe.delete_doc("Custom Field", f"{doctype}-{field['fieldname']}")
            if doctype == "CRM Deal":
                frappe.db.sql_ddl(f"ALTER TABLE `tabCRM Deal` DROP COLUMN `{field['fieldname']}`")
        frappe.clear_cache(doctype=doctype)
    frappe.db.commit()


def _set_company_currency(currency: str | None) -> None:
    frappe.db.set_single_value("FCRM Settings", "currency", currency)
    frappe.clear_document_cache("FCRM Settings", "FCRM Settings")
    frappe.db.commit()


def credited(deal: Any, **values: Any) -> list[Any]:
    """The credit rows under Linear once these values stand on the deal, whoever wrote them."""
    from trackflow import credit

    frappe.db.set_value("CRM Deal", deal.name, values)
    frappe.db.commit()
    credit.credit_deal(deal.name)
    return crm.credits_of(deal, "Linear")


def amounts(rows: list[Any]) -> list[float]:
    return [row.amount for row in rows]


def test_the_newer_field_counts_and_not_what_the_organization_earns(newer_crm: None, visitor: str) -> None:
    deal = crm.insert_deal(value=0, trackflow_visitor_id=visitor)
    rows = credited(deal, deal_value=90, annual_revenue=50_000_000, currency="EUR")
    assert amounts(rows) == [30, 30, 30]
    assert amounts(credited(deal, deal_value=0)) == [0, 0, 0]


def test_what_is_expected_counts_until_the_deal_is_won(newer_crm: None, visitor: str) -> None:
    deal = crm.insert_deal(value=0, trackflow_visitor_id=visitor)
    assert amounts(credited(deal, expected_deal_value=60, currency="EUR")) == [20, 20, 20]
    assert amounts(credited(deal, status="Won")) == [0, 0, 0]


def test_money_is_in_the_companys_currency(newer_crm: None, visitor: str, links: list[Any]) -> None:
    deal = crm.insert_deal(value=0, trackflow_visitor_id=visitor)
    rows = credited(deal, deal_value=10_000, currency="JPY", exchange_rate=0.00617, status="Won")

    assert amounts(rows) == [20.57, 20.57, 20.56]
    assert {row.currency for row in rows} == {"EUR"}
    (conversion,) = crm.conversions_of(deal)
    assert conversion.value == 61.7
    frappe.db.commit()
    campaign = links[-1].campaign
    assert frappe.db.get_value("Link Campaign", campaign, "revenue") >= 61.7


def test_another_rate_or_currency_is_another_value(newer_crm: None, visitor: str) -> None:
    deal = crm.insert_deal(value=0, trackflow_visitor_id=visitor)
    assert sum(amounts(credited(deal, deal_value=100, currency="USD", exchange_rate=0.9))) == 90
    assert sum(amounts(credited(deal, exchange_rate=0.8))) == 80
    assert sum(amounts(credited(deal, currency="EUR"))) == 100, "the company's own needs no rate"
    assert sum(amounts(credited(deal, currency="USD", exchange_rate=0))) == 100, "as the CRM itself has it"


def test_a_company_in_dinars_gets_thousandths(newer_crm: None, visitor: str) -> None:
    deal = crm.insert_deal(value=0, trackflow_visitor_id=visitor)
    _set_company_currency("KWD")
    try:
        rows = credited(deal, deal_value=1, currency="KWD", exchange_rate=1)
    finally:
        _set_company_currency("EUR")
    assert amounts(rows) == [0.334, 0.333, 0.333]
    assert {row.currency for row in rows} == {"KWD"}


@pytest.mark.parametrize("value", [0, 0.01, -100, 999_999_999_999.99])
def test_parts_sum_to_the_value_whatever_it_is(value: float, visitor: str) -> None:
    deal = crm.insert_deal(value=value, currency="EUR", trackflow_visitor_id=visitor)
    for model in crm.models_with_credit():
        parts = [Decimal(str(row.amount)) for row in crm.credits_of(deal, model)]
        assert sum(parts) == Decimal(str(value)), model


def test_a_form_of_a_deal_with_another_value_asks_for_its_credit(newer_crm: None, visitor: str) -> None:
    deal = crm.insert_deal(value=30, currency="EUR", trackflow_visitor_id=visitor)
    deal = crm.save(deal, deal_value=60)
    assert amounts(crm.credits_of(deal, "Linear")) == [20, 20, 20]
