"""A deal has the touches of everybody at its organization, unless an administrator says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import frappe
import pytest
from frappe.utils import add_to_date

from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm


@pytest.fixture(scope="module")
def links() -> list[Any]:
    return [crm.campaign_link(source=source)[1] for source in ("adverts", "partner", "newsletter")]


@pytest.fixture
def firm() -> str:
    doc = frappe.get_doc(doctype="CRM Organization", organization_name=factory.unique("Firm")).insert()
    frappe.db.commit()
    return doc.name


def somebody(link: Any, **fields: Any) -> Any:
    """A lead who followed the link, with an address of its own."""
    return crm.insert_lead(crm.visited(link), **fields)


def colleague(firm: str, lead: Any, **fields: Any) -> str:
    """The contact that ``lead`` is at ``firm``; its jobs have been done."""
    contact = crm.make_contact(lead.email, company_name=firm, **fields)
    crm.finish_jobs()
    return contact


def earners(deal: Any, model: str = "Linear") -> set[str]:
    """The visitors who have credit for a deal."""
    frappe.db.commit()
    attribution = frappe.db.get_value("Deal Attribution", {"deal_id": deal.name, "attribution_model": model})
    return set(frappe.get_all("Deal Attribution Credit", {"parent": attribution or ""}, pluck="visitor_id"))


def ids(*leads: Any) -> set[str]:
    return {lead.trackflow_visitor_id for lead in leads}


def linked(deal: Any, lead: Any) -> Any:
    (row,) = crm.rows("Identity Link", crm_deal=deal.name, visitor=lead.trackflow_visitor_id)
    return row


@contextmanager
def counting(value: int) -> Iterator[None]:
    """Let everybody at an organization count, or not, as an administrator sets it."""
    settings = frappe.get_doc("TrackFlow Settings")
    factory.change(settings, count_organization=value)
    crm.finish_jobs()
    try:
        yield
    finally:
        factory.change(settings, count_organization=1)
        crm.finish_jobs()


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


def undo(client: Any, link: Any) -> None:
    answer = client.login(crm.a_user("TrackFlow Manager"), crm.PASSWORD).post(
        "/api/method/trackflow.api.identity.undo", data={"link": link.name, "reason": "Her husband's laptop"}
    )
    assert answer.ok, answer.text
    crm.finish_jobs()


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
