"""Leads, deals, contacts and organizations that are renamed, merged and deleted, and what becomes of the credit."""

from __future__ import annotations

from typing import Any

import frappe
import pytest

from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm


@pytest.fixture
def brought() -> tuple[Any, Any, str]:
    """A campaign, its link and the visitor that it brought an hour ago."""
    campaign, link = crm.campaign_link()
    return campaign, link, crm.visited(link)


def rename(doc: Any, new: str, *, merge: bool = False) -> Any:
    frappe.rename_doc(doc.doctype, doc.name, new, merge=merge, force=True)
    frappe.db.commit()
    crm.finish_jobs()
    return frappe.get_doc(doc.doctype, new)


def delete(doc: Any, *, force: bool = False) -> None:
    """As Desk and the portal do."""
    frappe.db.commit()
    frappe.delete_doc(doc.doctype, doc.name, force=force)
    frappe.db.commit()
    crm.finish_jobs()


def figures(campaign: Any) -> tuple[float, float, float]:
    """(revenue, won deals, conversions)"""
    frappe.db.commit()
    return frappe.db.get_value("Link Campaign", campaign.name, ["revenue", "won_deals", "conversions"])


def left_behind(deal: str) -> dict[str, int]:
    frappe.db.commit()
    tables = ("Deal Attribution", "Deal Link Association", "Deal Stage Change", "Deal Journey")
    counts = {table: frappe.db.count(table, {"deal_id": deal}) for table in tables}
    counts["Conversion"] = frappe.db.count("Conversion", {"reference_name": deal})
    return {table: count for table, count in counts.items() if count}


def test_a_deleted_deal_takes_its_credit_along(brought: tuple[Any, Any, str]) -> None:
    campaign, link, visitor = brought
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    assert figures(campaign) == (100, 1, 1)

    delete(deal)

    assert left_behind(deal.name) == {}
    assert figures(campaign) == (0, 0, 0)
    assert frappe.db.get_value("Tracked Link", link.name, "conversion_count") == 0
    assert not frappe.db.exists("Credit Request", {"reference_name": deal.name})


def test_the_next_deal_of_the_same_name_starts_afresh(brought: tuple[Any, Any, str]) -> None:
    """Frappe gives the name of a deleted deal to the next one."""
    campaign, _link, visitor = brought
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    frappe.db.commit()
    frappe.delete_doc("CRM Deal", deal.name)
    again = frappe.get_doc(doctype="CRM Deal", status="Qualification").insert()
    frappe.db.commit()
    assert again.name == deal.name
    crm.finish_jobs()

    assert left_behind(again.name) == {"Deal Stage Change": 1, "Deal Journey": 1}
    assert [row.to_stage for row in crm.rows("Deal Stage Change", deal_id=again.name)] == ["Qualification"]
    assert figures(campaign) == (0, 0, 0)


def test_a_deleted_lead_is_no_conversion_any_more(brought: tuple[Any, Any, str]) -> None:
    campaign, _link, visitor = brought
    lead = crm.insert_lead(visitor)
    assert figures(campaign)[2] == 1

    delete(lead)

    assert figures(campaign)[2] == 0
    assert crm.rows("Lead Status Change", lead_id=lead.name) == []
    assert crm.conversions_of(lead) == []
    assert not frappe.db.get_value("Visitor", visitor, "crm_lead")


def test_a_renamed_deal_keeps_everything(brought: tuple[Any, Any, str]) -> None:
    campaign, link, visitor = brought
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    frappe.get_doc(
        doctype="Deal Link Association", deal_id=deal.name, tracked_link=crm.direct_link().name,
        association_type="Manual", attribution_weight=0.25,
    ).insert()  # fmt: skip
    frappe.db.commit()
    before = left_behind(deal.name)
    (journey,) = crm.rows("Deal Journey", deal_id=deal.name)

    renamed = rename(deal, factory.unique("DEAL"))

    assert left_behind(deal.name) == {}
    assert left_behind(renamed.name) == before
    assert crm.shares_of(renamed, "Last Touch") == {link.name: (100.0, 100.0)}
    (after,) = crm.rows("Deal Journey", deal_id=renamed.name)
    assert (after.name, after.closed_at) == (renamed.name, journey.closed_at)
    assert figures(campaign) == (100, 1, 1)


def test_a_conversion_that_a_job_recorded_during_the_renaming_follows(brought: tuple[Any, Any, str]) -> None:
    campaign, _link, visitor = brought
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    (conversion,) = crm.conversions_of(deal)
    new = factory.unique("DEAL")

    frappe.rename_doc("CRM Deal", deal.name, new, force=True)
    frappe.db.set_value("Conversion", conversion.name, "reference_name", deal.name)
    frappe.db.commit()
    crm.finish_jobs()

    assert left_behind(deal.name) == {}
    assert left_behind(new)["Conversion"] == 1
    assert figures(campaign) == (100, 1, 1)


def test_a_renamed_lead_keeps_everything(brought: tuple[Any, Any, str]) -> None:
    campaign, _link, visitor = brought
    lead = crm.insert_lead(visitor)

    renamed = rename(lead, factory.unique("LEAD"))

    assert [row.to_status for row in crm.rows("Lead Status Change", lead_id=renamed.name)] == ["New"]
    assert frappe.db.get_value("Visitor", visitor, "crm_lead") == renamed.name
    assert len(crm.conversions_of(renamed)) == 1
    assert figures(campaign)[2] == 1


def test_merged_leads_are_one_conversion_with_the_touches_of_both(brought: tuple[Any, Any, str]) -> None:
    campaign, link, visitor = brought
    other_campaign, other_link = crm.campaign_link()
    other = crm.insert_lead(crm.visited(other_link))
    lead = crm.insert_lead(visitor)
    deal = crm.insert_deal(lead, value=100)

    rename(other, lead.name, merge=True)

    assert len(crm.conversions_of(lead)) == 1
    assert figures(campaign)[2] + figures(other_campaign)[2] == 1
    assert set(crm.shares_of(deal, "Linear")) == {link.name, other_link.name}


def test_merged_deals_are_one(brought: tuple[Any, Any, str]) -> None:
    campaign, _link, visitor = brought
    twin = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    assert figures(campaign) == (200, 2, 2)

    rename(twin, deal.name, merge=True)

    assert left_behind(twin.name) == {}
    assert len(crm.conversions_of(deal)) == 1
    assert figures(campaign) == (100, 1, 1)
    assert len(crm.rows("Deal Stage Change", deal_id=deal.name)) == 1


def test_whatever_changes_asks_for_the_right_deals(brought: tuple[Any, Any, str]) -> None:
    """Contacts and organizations: those deals that they stand behind, and no others."""
    _campaign, _link, visitor = brought
    contact = frappe.get_doc(doctype="Contact", first_name=factory.unique("Ada")).insert()
    twin = frappe.get_doc(doctype="Contact", first_name=factory.unique("Bea")).insert()
    firm = frappe.get_doc(doctype="CRM Organization", organization_name=factory.unique("Firm")).insert()
    of_contact = crm.insert_deal(trackflow_visitor_id=visitor, contacts=[{"contact": contact.name}])
    of_twin = crm.insert_deal(trackflow_visitor_id=visitor, contacts=[{"contact": twin.name}])
    of_firm = crm.insert_deal(trackflow_visitor_id=visitor, organization=firm.name)
    deals = (of_contact, of_twin, of_firm)

    def credited() -> list[Any]:
        frappe.db.commit()
        return [frappe.db.get_value("Deal Journey", deal.name, "credited_at") for deal in deals]

    def after(change: Any) -> list[bool]:
        before = credited()
        change()
        frappe.db.commit()
        crm.finish_jobs()
        return [now != then for now, then in zip(credited(), before, strict=True)]

    def gets_an_email() -> None:
        doc = frappe.get_doc("Contact", contact.name)
        doc.append("email_ids", {"email_id": crm.email()})
        doc.save()

    assert after(gets_an_email) == [True, False, False]
    assert after(lambda: crm.save(contact, middle_name="B.")) == [False, False, False]
    assert after(lambda: rename(twin, contact.name, merge=True)) == [True, True, False]
    assert after(lambda: rename(firm, factory.unique("New"))) == [False, False, True]
    assert after(lambda: crm.save(of_firm, next_step="Call")) == [False, False, False]


def test_a_deal_follows_the_contact_that_is_added_to_it(brought: tuple[Any, Any, str]) -> None:
    deal = crm.insert_deal(trackflow_visitor_id=brought[2])
    contact = frappe.get_doc(doctype="Contact", first_name=factory.unique("Ada")).insert()
    before = frappe.db.get_value("Deal Journey", deal.name, "credited_at")
    frappe.db.commit()

    frappe.get_attr("crm.fcrm.doctype.crm_deal.crm_deal.add_contact")(deal.name, contact.name)
    frappe.db.commit()
    crm.finish_jobs()

    frappe.db.commit()
    assert frappe.db.get_value("Deal Journey", deal.name, "credited_at") > before


def test_a_lead_with_another_email_is_somebody_else(brought: tuple[Any, Any, str]) -> None:
    """Two leads of one person share their touches, until it turns out that they are two persons."""
    _campaign, link, visitor = brought
    first = crm.insert_lead(visitor)
    second = crm.insert_lead(crm.visited(crm.campaign_link()[1]), email=first.email)
    deal = crm.insert_deal(second, value=100)
    assert link.name in crm.shares_of(deal, "Linear")

    crm.save(first, email=crm.email())

    assert link.name not in crm.shares_of(deal, "Linear")
