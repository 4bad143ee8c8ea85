"""Whether everybody at an organization counts is a setting, costs little, and readers are told who counted and how."""

from __future__ import annotations

from typing import Any

import frappe
import pytest
from frappe.utils import add_to_date

from tests.site import crm_factory as crm
from tests.site.colleagues import colleague, counting, earners, ids, linked, make_firm, make_links, somebody

pytestmark = crm.needs_crm


@pytest.fixture(scope="module")
def links() -> list[Any]:
    return make_links()


@pytest.fixture
def firm() -> str:
    return make_firm()


# ---------------------------------------------------------------- the setting


def test_an_administrator_restricts_deals_to_their_own_people(links: list[Any], firm: str) -> None:
    ada, bea = somebody(links[0], organization=firm), somebody(links[1])
    deal = crm.convert(ada)
    colleague(firm, bea)
    assert earners(deal) == ids(ada, bea)

    with counting(0):
        assert earners(deal) == ids(ada)
        assert linked(deal, bea).status == "Lapsed"

    assert earners(deal) == ids(ada, bea)


def test_a_site_that_was_updated_counts_everybody_and_credits_its_deals_again(links: list[Any]) -> None:
    from trackflow import settings
    from trackflow.patches.v0_1 import credit_organizations

    crm.insert_deal(trackflow_visitor_id=crm.visited(links[0]))
    of_settings = {"doctype": "TrackFlow Settings", "field": "count_organization"}
    pending = frappe.db.get_single_value("TrackFlow Settings", "pending_change", cache=False)
    frappe.db.delete("Singles", of_settings)
    frappe.clear_document_cache("TrackFlow Settings", "TrackFlow Settings")
    try:
        credit_organizations.execute()
        assert settings.counts_organizations()
        asked = frappe.db.get_single_value("TrackFlow Settings", "pending_change", cache=False)
        assert asked and asked != pending
        assert frappe.db.get_value("Singles", of_settings, "value", order_by=None) == "1"
        credit_organizations.execute()
        again = frappe.db.get_single_value("TrackFlow Settings", "pending_change", cache=False)
        assert again == asked, "once is enough"
    finally:
        frappe.db.rollback()
        frappe.clear_document_cache("TrackFlow Settings", "TrackFlow Settings")


# ---------------------------------------------------------------- a large organization


def test_more_colleagues_need_no_more_statements(links: list[Any], firm: str) -> None:
    from trackflow import identity

    deal, found = crm.insert_deal(organization=firm), []
    for lead in (somebody(links[0]), somebody(links[1])):
        colleague(firm, lead)
        identity.visitors_of_deal(deal.name)
        with crm.counted_statements() as seen:
            found.append((len(identity.visitors_of_deal(deal.name)), len(seen)))

    (one, statements), (both, same) = found
    assert (one, both) == (1, 2)
    assert statements == same <= 14


def test_a_save_asks_once_for_an_organization(links: list[Any], firm: str) -> None:
    """However many deals it has: the job finds them, and leaves closed ones alone."""
    open_deals = [crm.insert_deal(organization=firm, wait=False) for _ in range(3)]
    closed = crm.insert_deal(organization=firm, status="Lost")
    before = frappe.db.get_value("Deal Journey", closed.name, "credited_at")

    contact = frappe.get_doc(doctype="Contact", first_name="Bea", company_name=firm)
    contact.append("email_ids", {"email_id": crm.email()})
    contact.insert()
    asked = frappe.get_all(
        "Credit Request", {"reference_doctype": ("!=", "CRM Lead")}, pluck="reference_name"
    )
    assert firm in asked and not set(asked) & {deal.name for deal in open_deals}
    frappe.db.commit()
    crm.finish_jobs()

    frappe.db.commit()
    assert frappe.db.get_value("Deal Journey", closed.name, "credited_at") == before
    assert not frappe.db.exists("Credit Request", {"reference_name": firm})


# ---------------------------------------------------------------- what readers are told


def told_of(deal: Any) -> list[tuple[str, str, str]]:
    """(kind, person, through) of each touch, as programs are told."""
    from trackflow.api import attribution

    return [
        (touch["kind"], touch["person"], touch["through"]) for touch in attribution.deal(deal.name)["touches"]
    ]


@pytest.fixture
def told(links: list[Any], firm: str) -> tuple[Any, list[Any]]:
    """A deal of Ada, with Bea as a contact and Cy at its organization, and an email that Cy clicked."""
    ada, bea, cy = somebody(links[0], organization=firm), somebody(links[1]), somebody(links[2])
    colleague(firm, cy)
    deal = crm.convert(ada)
    contacts = [
        *({"contact": row.contact, "is_primary": 1} for row in deal.contacts),
        {"contact": crm.make_contact(bea.email)},
    ]
    values = {
        "recipient": cy.email,
        "campaign": links[0].campaign,
        "clicked_date": add_to_date(None, minutes=-1),
    }
    frappe.get_doc(doctype="Email Campaign Log", **values).insert()
    return crm.save(deal, contacts=contacts), [ada, bea, cy]


def test_each_touch_tells_whose_it_is(told: tuple[Any, list[Any]]) -> None:
    from trackflow.trackflow.report.deal_attribution import deal_attribution
    from trackflow.trackflow.report.visitor_journey import visitor_journey

    deal, (ada, bea, cy) = told
    assert sorted(told_of(deal)) == sorted([
        ("Click", ada.lead_name, "Lead"), ("Click", bea.lead_name, "Contact"), ("Click", cy.lead_name, "Organization"),
        ("Email", cy.lead_name, "Organization"),
    ])  # fmt: skip
    texts = {
        ada.lead_name,
        f"{bea.lead_name}, a contact of the deal",
        f"{cy.lead_name}, at the deal's organization",
    }
    rows = visitor_journey.execute({"deal": deal.name})[1]
    assert {row["person"] for row in rows if row["doctype"] == "Click Event"} == texts
    rows = deal_attribution.execute({"deal": deal.name, "attribution_model": "Linear", "deals": "all"})[1]
    assert {row["person"] for row in rows if row["indent"]} >= texts
    assert not any("visitor_id" in row for row in rows)


def test_names_are_told_to_who_may_read_the_lead(told: tuple[Any, list[Any]]) -> None:
    """A customer with whom the deal was shared learns how each counts and no name, though Frappe CRM lets everybody
    read leads who is logged in."""
    deal, _people = told
    user = crm.make_user(user_type="Website User")
    frappe.share.add("CRM Deal", deal.name, user, read=1)
    frappe.db.commit()
    frappe.set_user(user)
    try:
        found = told_of(deal)
    finally:
        frappe.set_user("Administrator")

    assert {(person, through) for _kind, person, through in found} == {
        ("", "Lead"), ("", "Contact"), ("", "Organization"),
    }  # fmt: skip
