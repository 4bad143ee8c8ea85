"""What a deal is worth, in the fields of the CRM that is installed."""

from decimal import Decimal

import frappe
from frappe.utils import cstr, flt

from trackflow.domain.money import Money, decimals, exchange
from trackflow.integrations.crm import stages

DOCTYPE = "CRM Deal"
SETTINGS = "FCRM Settings"
# FCRM Settings says so where no currency is chosen.
USUAL_CURRENCY = "USD"


def money_of(deal: dict) -> Money:
    """Return what ``deal`` (its row) is worth: in the company's currency if the CRM knows the exchange rate, else in
    the deal's own, else in the site's.

    Exchange rates came with CRM 1.51. Without a rate CRM itself takes 1, and so does this.
    """
    own = deal.get("currency") or site_currency()
    value = Decimal(cstr(_value(deal)))
    if not _has("exchange_rate"):
        return Money(value, own, _decimals(own))
    company = company_currency()
    rate = Decimal(1) if own == company else Decimal(cstr(flt(deal.get("exchange_rate")) or 1))
    return exchange(value, rate, company, _decimals(company))


def company_currency() -> str:
    """Return the currency into which the CRM converts, else the site's."""
    if not (frappe.db.exists("DocType", SETTINGS) and frappe.get_meta(SETTINGS).has_field("currency")):
        return site_currency()
    return frappe.db.get_single_value(SETTINGS, "currency") or USUAL_CURRENCY


def site_currency() -> str:
    return frappe.db.get_default("currency") or ""


def _value(deal: dict) -> float:
    """Return the number that stands on the deal.

    deal_value came with CRM 1.48; annual_revenue has since then been what the organization earns. What is expected of
    a deal (1.51) counts until it is won.
    """
    if not _has("deal_value"):
        return flt(deal.get("annual_revenue"))
    value = flt(deal.get("deal_value"))
    if not value and stages.outcome(deal.status) != stages.WON:
        value = flt(deal.get("expected_deal_value"))
    return value


def _has(fieldname: str) -> bool:
    return frappe.get_meta(DOCTYPE).has_field(fieldname)


def _decimals(currency: str) -> int:
    return decimals(currency and frappe.get_cached_value("Currency", currency, "number_format"))
