"""Whose touches count for a lead and a deal: people with several devices, deals with several people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm


@pytest.fixture(scope="module")
def links() -> list[Any]:
    return [
        crm.campaign_link(source=source)[1] for source in ("adverts", "partner", "newsletter", "fair", "blog")
    ]


# ---------------------------------------------------------------- leads


def test_a_lead_with_five_touches_on_two_devices(links: list[Any]) -> None:
    """The phone clicks and sends the first form; the laptop clicks and sends a second one with the same address."""
    phone, laptop, address = factory.new_visitor(), factory.new_visitor(), crm.email()
    for days, (link, device) in enumerate(zip(links, [phone, laptop, phone, laptop, laptop], strict=True)):
        crm.visit(link, device, ago=timedelta(days=9 - days))
    factory.drain()

    crm.insert_lead(phone, email=address)
    lead = crm.insert_lead(laptop, email=address.upper())

    assert lead.trackflow_touch_count == 5
    assert lead.trackflow_campaign == links[-1].campaign
    deal = crm.convert(lead)
    assert [row.tracked_link for row in crm.credits_of(deal, "Linear")] == [link.name for link in links]
    assert [row.visitor_id for row in crm.credits_of(deal, "Linear")] == [
        phone,
        laptop,
        phone,
        laptop,
        laptop,
    ]


def test_a_shared_mailbox_makes_nobody_the_same_person(links: list[Any]) -> None:
    address = f"info@{factory.unique('firm')}.example"
    crm.insert_lead(crm.visited(links[0]), email=address)
    other = crm.insert_lead(crm.visited(links[1]), email=address)

    assert (other.trackflow_touch_count, other.trackflow_campaign) == (1, links[1].campaign)


# ---------------------------------------------------------------- deals


def test_a_deal_with_three_contacts_and_two_leads(links: list[Any]) -> None:
    """Ada becomes the deal's lead. Bea, who has a lead of her own under her second address, and Cy are contacts."""
    ada, bea, cy, work = crm.email(), crm.email(), crm.email(), crm.email()
    firm = factory.unique("Firm")
    lead = crm.insert_lead(crm.visited(links[0], links[3]), email=ada, organization=firm)
    other = crm.insert_lead(crm.visited(links[1]), email=bea)
    stranger = crm.insert_lead(crm.visited(links[2]), organization=firm)
    deal = crm.convert(lead)

    contacts = [{"contact": row.contact, "is_primary": 1} for row in deal.contacts]
    contacts += [{"contact": crm.make_contact(work, bea)}, {"contact": crm.make_contact(cy)}]
    deal = crm.save(deal, contacts=contacts, **{crm.value_field(): 90, "status": "Won"})

    credits = crm.credits_of(deal, "Linear")
    assert len(deal.contacts) == 3
    assert {row.visitor_id for row in credits} == {lead.trackflow_visitor_id, other.trackflow_visitor_id}
    assert {row.tracked_link: row.amount for row in credits} == {links[n].name: 30 for n in (0, 3, 1)}
    assert stranger.trackflow_visitor_id not in {row.visitor_id for row in credits}, (
        "who only names the company is no colleague"
    )
    assert deal.trackflow_touch_count == 3
    assert deal.trackflow_visitor_id == lead.trackflow_visitor_id


def test_a_deal_without_a_lead_has_the_visitors_of_its_contacts(links: list[Any]) -> None:
    address = crm.email()
    lead = crm.insert_lead(crm.visited(links[1]), email=address)

    deal = crm.insert_deal(contacts=[{"contact": crm.make_contact(address)}])

    assert {row.visitor_id for row in crm.credits_of(deal, "Linear")} == {lead.trackflow_visitor_id}
    assert deal.trackflow_campaign == links[1].campaign


def test_a_visitor_named_for_the_deal_stays_when_a_contact_has_clicked_later(links: list[Any]) -> None:
    address, named = crm.email(), crm.visited(links[0])
    lead = crm.insert_lead(email=address, visitor=crm.visited(links[1]))
    contacts = [{"contact": crm.make_contact(address)}]

    deal = crm.insert_deal(trackflow_visitor_id=named, contacts=contacts)
    deal = crm.save(deal, status="Negotiation")

    assert deal.trackflow_visitor_id == named
    assert {row.visitor_id for row in crm.credits_of(deal, "Linear")} == {named, lead.trackflow_visitor_id}


def test_more_people_need_no_more_statements(links: list[Any]) -> None:
    from trackflow import identity

    addresses = [crm.email() for _ in range(8)]
    lead = crm.insert_lead(crm.visited(links[0]), email=addresses[0])
    for address in addresses[1:]:
        crm.insert_lead(crm.visited(links[1]), email=address)
    few = crm.insert_deal(lead, contacts=[{"contact": crm.make_contact(addresses[0])}])
    many = crm.insert_deal(lead, contacts=[{"contact": crm.make_contact(each)} for each in addresses])

    # What is read once and cached, such as the tables' columns.
    identity.visitors_of_deal(few.name)
    found = []
    for deal in (few, many):
        with crm.counted_statements() as seen:
            found.append((len(identity.visitors_of_deal(deal.name)), len(seen)))

    (one, statements), (all_of_them, same) = found
    assert (one, all_of_them) == (1, 8)
    assert statements == same <= 10
