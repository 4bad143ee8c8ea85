"""Whose lead it is: the visitor's who sent it, nobody's who merely typed it in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import frappe
import pytest

from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm


@pytest.fixture(scope="module")
def form() -> str:
    return crm.make_web_form()


@pytest.fixture(scope="module")
def link() -> Any:
    return crm.campaign_link()[1]


@pytest.fixture
def visitor(link: Any) -> str:
    return crm.visited(link)


def browser_of(visitor: str, client: Any, **cookies: str) -> Any:
    client.cookies.set("trackflow_visitor", visitor)
    for name, value in cookies.items():
        client.cookies.set(name, value)
    return client


# ---------------------------------------------------------------- people who work here


def test_a_salespersons_own_clicks_do_not_stick_to_the_leads_they_type(http: Any, visitor: str) -> None:
    salesperson = browser_of(visitor, http).login(crm.make_user("Sales User"), crm.PASSWORD)

    lead = crm.post(salesperson, "CRM Lead", **crm.person())

    assert not any(crm.tracked(lead).values())
    assert frappe.db.get_value("Visitor", visitor, "crm_lead") is None
    assert crm.rows("Visitor Event", visitor=visitor) == []


def test_the_same_holds_for_a_form_that_a_salesperson_fills_in(http: Any, visitor: str, form: str) -> None:
    salesperson = browser_of(visitor, http).login(crm.make_user("Sales User"), crm.PASSWORD)

    assert not any(crm.tracked(crm.send_form(salesperson, form)).values())


def test_a_customer_who_is_logged_in_is_a_visitor_like_others(http: Any, visitor: str, form: str) -> None:
    customer = browser_of(visitor, http).login(crm.make_user(user_type="Website User"), crm.PASSWORD)

    assert crm.send_form(customer, form).trackflow_visitor_id == visitor


# ---------------------------------------------------------------- programs


def test_a_program_may_name_the_visitor(http: Any, visitor: str) -> None:
    lead = crm.post(http.login(), "CRM Lead", **crm.person(trackflow_visitor_id=visitor))

    assert (lead.trackflow_visitor_id, lead.trackflow_touch_count) == (visitor, 1)
    assert frappe.db.get_value("Visitor", visitor, "crm_lead") == lead.name
    assert len(crm.conversions_of(lead)) == 1
    assert crm.rows("Visitor Event", visitor=visitor) == [], "no form was sent"


def test_a_visitor_whom_nobody_has_seen_gets_no_credit_and_no_record(http: Any) -> None:
    unknown = factory.new_visitor()
    lead = crm.post(http.login(), "CRM Lead", **crm.person(trackflow_visitor_id=unknown))

    assert (lead.trackflow_touch_count, lead.trackflow_source) == (0, None)
    assert not frappe.db.exists("Visitor", unknown)
    assert crm.conversions_of(lead) == []


@pytest.mark.parametrize(
    "rubbish", ["v_", "v_XYZ", "'; DROP TABLE tabVisitor; --", "v_" + "0" * 33, "ü" * 500]
)
def test_rubbish_is_no_visitor(http: Any, rubbish: str) -> None:
    lead = crm.post(http.login(), "CRM Lead", **crm.person(trackflow_visitor_id=rubbish))

    assert lead.trackflow_visitor_id is None


@pytest.mark.parametrize("rubbish", ["v_", "x" * 4000, "v_" + "A" * 32])
def test_a_rubbish_cookie_does_not_keep_a_lead_from_being_made(http: Any, form: str, rubbish: str) -> None:
    assert crm.send_form(browser_of(rubbish, http), form).trackflow_visitor_id is None


def test_a_guests_cookie_counts_for_more_than_what_the_request_says(http: Any, visitor: str) -> None:
    form = crm.make_web_form("first_name", "email", "trackflow_visitor_id")

    lead = crm.send_form(browser_of(visitor, http), form, trackflow_visitor_id=factory.new_visitor())

    assert lead.trackflow_visitor_id == visitor


# ---------------------------------------------------------------- people who said no


@pytest.mark.parametrize("cookies", [{"trackflow_consent": "denied"}, {"trackflow_opt_out": "1"}])
def test_who_said_no_is_nobody(http: Any, visitor: str, form: str, cookies: dict[str, str]) -> None:
    lead = crm.send_form(browser_of(visitor, http, **cookies), form)

    assert not any(crm.tracked(lead).values())
    assert frappe.db.get_value("Visitor", visitor, "crm_lead") is None


def test_where_consent_is_required_no_answer_is_no(new_client: Any, visitor: str, form: str) -> None:
    with factory.settings(cookie_consent_required=1):
        silent = crm.send_form(browser_of(visitor, new_client()), form)
        willing = crm.send_form(browser_of(visitor, new_client(), trackflow_consent="granted"), form)

    assert silent.trackflow_visitor_id is None
    assert willing.trackflow_visitor_id == visitor


@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
def test_a_browser_that_says_no_is_believed(http: Any, visitor: str, form: str, header: str) -> None:
    http.headers[header] = "1"
    with factory.settings(gdpr_compliance_enabled=1):
        lead = crm.send_form(browser_of(visitor, http), form)

    assert lead.trackflow_visitor_id is None


# ---------------------------------------------------------------- one person, several leads and devices


def test_two_devices_with_one_address_make_one_journey(new_client: Any, form: str) -> None:
    first_campaign, first = crm.campaign_link()
    _, last = crm.campaign_link()
    phone, laptop = factory.new_visitor(), factory.new_visitor()
    crm.visit(first, phone, ago=timedelta(days=3))
    crm.visit(last, laptop)
    factory.drain()
    address = crm.email()

    early = crm.send_form(browser_of(phone, new_client()), form, email=address)
    late = crm.send_form(browser_of(laptop, new_client()), form, email=address)

    assert (early.trackflow_visitor_id, early.trackflow_touch_count) == (phone, 1)
    assert (late.trackflow_visitor_id, late.trackflow_touch_count) == (laptop, 2)
    assert early.trackflow_campaign == first_campaign.name
    assert late.trackflow_first_touch_date == early.trackflow_first_touch_date, "the phone's first visit"


def test_a_visitor_stays_the_lead_that_it_first_became(new_client: Any, visitor: str, form: str) -> None:
    first = crm.send_form(browser_of(visitor, new_client()), form)
    second = crm.send_form(browser_of(visitor, new_client()), form)

    assert second.trackflow_visitor_id == visitor
    assert frappe.db.get_value("Visitor", visitor, "crm_lead") == first.name


def test_leads_without_an_address_have_nothing_in_common(visitor: str, link: Any) -> None:
    crm.insert_lead(visitor, email="")
    other = crm.insert_lead(crm.visited(link), email="")

    assert other.trackflow_touch_count == 1
