"""A deal has the touches of everybody at its organization."""

from __future__ import annotations

from typing import Any

import frappe
import pytest
from frappe.utils import add_to_date

from tests.site import crm_factory as crm
from tests.site import factory
from tests.site.colleagues import (
    colleague,
    counting,
    earners,
    ids,
    linked,
    make_firm,
    make_links,
    somebody,
    undo,
)

pytestmark = crm.needs_crm


@pytest.fixture(scope="module")
def links() -> list[Any]:
    return make_links()


@pytest.fixture
def firm() -> str:
    return make_firm()


# ---------------------------------------------------------------- who belongs to it


def test_the_contacts_of_its_organization_count_for_a_deal(links: list[Any], firm: str) -> None:
    """Bea clicked and is a contact of the firm, but not of the deal that Ada became."""
    ada, bea = somebody(links[0], organization=firm), somebody(links[1])
    deal = crm.save(crm.convert(ada), **{crm.value_field(): 100})
    assert earners(deal) == ids(ada)

    colleague(firm, bea)

    assert earners(deal) == ids(ada, bea)
    assert {row.amount for row in crm.credits_of(deal, "Linear")} == {50}
    row = linked(deal, bea)
    assert (row.rule, row.email, row.via_lead) == ("Organization", bea.email, bea.name)
    assert crm.fresh(deal).trackflow_touch_count == 2


def test_a_contact_that_is_linked_to_the_organization_belongs_to_it(links: list[Any], firm: str) -> None:
    bea, deal = somebody(links[1]), crm.insert_deal(organization=firm)

    colleague("", bea, links=[{"link_doctype": "CRM Organization", "link_name": firm}])

    assert earners(deal) == ids(bea)


def test_the_leads_of_its_other_deals_belong_to_an_organization(links: list[Any], firm: str) -> None:
    ada, bea = somebody(links[0], email="", last_name="Lovelace"), somebody(links[1])
    one = crm.insert_deal(bea, organization=firm)

    other = crm.insert_deal(ada, organization=firm)

    assert earners(one) == earners(other) == ids(ada, bea)
    crm.save(other, organization=None)
    assert earners(one) == ids(bea)
    assert linked(one, ada).status == "Lapsed"


def test_who_only_names_the_company_or_has_its_domain_is_a_stranger(links: list[Any], firm: str) -> None:
    domain = f"{firm.lower()}.example"
    ada = somebody(links[0], email=f"ada@{domain}", organization=firm)
    deal = crm.convert(ada)

    somebody(links[1], email=f"zoe@{domain}", organization=firm)

    assert earners(deal) == ids(ada)


def test_each_touch_counts_once_however_many_ways_lead_to_it(links: list[Any], firm: str) -> None:
    """Ada is the deal's lead, its contact, and a contact of the firm; her visitor is that of another deal's lead, too."""
    ada = somebody(links[0], organization=firm)
    again = crm.insert_lead(ada.trackflow_visitor_id, organization=firm)
    crm.convert(again)

    deal = crm.convert(ada)

    (credit,) = crm.credits_of(deal, "Linear")
    assert credit.visitor_id == ada.trackflow_visitor_id
    assert crm.rows("Identity Link", crm_deal=deal.name) == [], "it counts as the lead's own"


def test_an_email_to_a_colleague_counts(links: list[Any], firm: str) -> None:
    address = crm.email()
    crm.make_contact(address, company_name=firm)
    values = {
        "recipient": address,
        "campaign": links[0].campaign,
        "clicked_date": add_to_date(None, hours=-1),
    }
    frappe.get_doc(doctype="Email Campaign Log", **values).insert()

    deal = crm.insert_deal(organization=firm)

    assert [row.touch_type for row in crm.credits_of(deal, "Linear")] == ["Email"]


def test_what_the_organization_shows_is_no_evidence(links: list[Any], firm: str) -> None:
    """Its Visitor ID is a finding of ours: here of a lead that merely names the company."""
    stranger = somebody(links[1], organization=firm)
    assert frappe.db.get_value("CRM Organization", firm, "trackflow_visitor_id") in ids(stranger)

    deal = crm.insert_deal(organization=firm)

    assert earners(deal) == set()


def test_leads_get_no_touches_from_colleagues(links: list[Any], firm: str) -> None:
    ada, bea = somebody(links[0], organization=firm), somebody(links[1])
    crm.convert(ada)
    before = crm.tracked(crm.fresh(ada))
    figures = crm.rows("Conversion Credit", order_by="name asc", campaign=links[1].campaign)

    colleague(firm, bea)

    assert crm.tracked(crm.fresh(ada)) == before
    assert crm.rows("Conversion Credit", order_by="name asc", campaign=links[1].campaign) == figures


# ---------------------------------------------------------------- when that changes


def test_a_contact_that_changes_its_organization_leaves_the_old_deals(links: list[Any], firm: str) -> None:
    other = frappe.get_doc(doctype="CRM Organization", organization_name=factory.unique("Other")).insert()
    bea = somebody(links[1])
    contact = colleague(firm, bea)
    old, new = crm.insert_deal(organization=firm), crm.insert_deal(organization=other.name)
    assert (earners(old), earners(new)) == (ids(bea), set())

    crm.save(frappe.get_doc("Contact", contact), company_name=other.name)

    assert (earners(old), earners(new)) == (set(), ids(bea))


def test_a_contact_that_is_deleted_or_merged_is_followed(links: list[Any], firm: str) -> None:
    bea, cy = somebody(links[1]), somebody(links[2])
    deal, contacts = crm.insert_deal(organization=firm), [colleague(firm, bea), colleague(firm, cy)]
    assert earners(deal) == ids(bea, cy)

    frappe.delete_doc("Contact", contacts[0])
    frappe.db.commit()
    crm.finish_jobs()
    assert earners(deal) == ids(cy)

    stranger = crm.make_contact(crm.email())
    frappe.rename_doc("Contact", contacts[1], stranger, merge=True, force=True)
    frappe.db.commit()
    crm.finish_jobs()
    assert earners(deal) == set()


def test_a_lead_that_comes_later_with_a_colleagues_address_counts(links: list[Any], firm: str) -> None:
    address = crm.email()
    crm.make_contact(address, company_name=firm)
    deal = crm.insert_deal(organization=firm)

    bea = somebody(links[1], email=address)
    assert earners(deal) == ids(bea)

    crm.save(bea, email=crm.email())
    assert earners(deal) == set()


def test_a_closed_deal_stays_as_it_was(links: list[Any], firm: str) -> None:
    ada, bea = somebody(links[0], organization=firm), somebody(links[1])
    deal = crm.save(crm.convert(ada), status="Won", **{crm.value_field(): 100})

    colleague(firm, bea)
    with counting(0):
        assert earners(deal) == ids(ada)

    assert earners(deal) == ids(ada)


# ---------------------------------------------------------------- undone


def test_a_colleague_can_be_taken_from_one_deal(links: list[Any], firm: str, http: Any) -> None:
    bea = somebody(links[1])
    colleague(firm, bea)
    one, other = crm.insert_deal(organization=firm), crm.insert_deal(organization=firm)

    undo(http, linked(one, bea))

    assert (earners(one), earners(other)) == (set(), ids(bea))


def test_a_visitor_that_is_no_longer_a_leads_own_leaves_all_deals(
    links: list[Any], firm: str, http: Any
) -> None:
    bea = somebody(links[1])
    colleague(firm, bea)
    deals = [crm.insert_deal(organization=firm), crm.insert_deal(organization=firm)]
    (own,) = crm.rows("Identity Link", crm_lead=bea.name, visitor=bea.trackflow_visitor_id)

    undo(http, own)

    assert [earners(deal) for deal in deals] == [set(), set()]
