"""Who was merged with whom is written down, can be undone by a manager, and then stays undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import frappe
import pytest

from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm


@dataclass(frozen=True)
class Story:
    """Two leads with one address, each from a device of its own, and the deal that the later one became."""

    early: Any
    late: Any
    deal: Any
    links: list[Any]


@pytest.fixture(scope="module")
def links() -> list[Any]:
    return [crm.campaign_link(source=source)[1] for source in ("adverts", "newsletter")]


@pytest.fixture
def story(links: list[Any]) -> Story:
    address, first, last = crm.email(), *links
    early = crm.insert_lead(crm.visited(first, last), email=address)
    late = crm.insert_lead(crm.visited(last), email=address)
    deal = crm.save(crm.convert(late), status="Won", **{crm.value_field(): 90})
    return Story(early, late, deal, links)


def link_of(visitor: str, **person: str) -> Any:
    (row,) = crm.rows("Identity Link", visitor=visitor, **person)
    return row


def timeline(doc: Any) -> list[str]:
    rows = crm.rows("Comment", reference_doctype=doc.doctype, reference_name=doc.name, comment_type="Info")
    return [row.content for row in rows]


def post(client: Any, method: str, **arguments: str) -> Any:
    answer = client.post(f"/api/method/trackflow.api.identity.{method}", data=arguments)
    crm.finish_jobs()
    frappe.db.commit()
    return answer


def manager(client: Any) -> Any:
    return client.login(crm.a_user("TrackFlow Manager"), crm.PASSWORD)


def revenue_of(link: Any) -> float:
    frappe.db.commit()
    return frappe.db.get_value("Link Campaign", link.campaign, "revenue")


# ---------------------------------------------------------------- written down


def test_it_is_written_down_who_counts_for_whom_and_why(story: Story) -> None:
    own = link_of(story.early.trackflow_visitor_id, crm_lead=story.early.name)
    merged = link_of(story.early.trackflow_visitor_id, crm_lead=story.late.name)

    assert (own.rule, own.status, own.email or "") == ("Visitor ID", "Linked", "")
    assert (merged.rule, merged.status) == ("Email", "Linked")
    assert (merged.email, merged.via_lead) == (story.late.email, story.early.name)
    assert merged.linked_on >= story.late.creation
    assert len(crm.rows("Identity Link", crm_deal=story.deal.name)) == 0, "the lead's links say it all"


def test_a_form_sent_with_a_cookie_is_told_from_an_id_that_a_program_names(
    http: Any, links: list[Any]
) -> None:
    visitor = crm.visited(links[0])
    http.cookies.set("trackflow_visitor", visitor)

    lead = crm.send_form(http, crm.make_web_form())

    assert link_of(visitor, crm_lead=lead.name).rule == "Cookie"


def test_a_link_by_a_contacts_address_is_the_deals_own(links: list[Any]) -> None:
    address = crm.email()
    lead = crm.insert_lead(crm.visited(links[0]), email=address)

    deal = crm.insert_deal(contacts=[{"contact": crm.make_contact(address)}])

    row = link_of(lead.trackflow_visitor_id, crm_deal=deal.name)
    assert (row.rule, row.email, row.via_lead) == ("Email", address, lead.name)


def test_a_link_lapses_when_the_address_is_changed_and_holds_again(story: Story) -> None:
    from trackflow import credit

    row = link_of(story.early.trackflow_visitor_id, crm_lead=story.late.name)
    for address, status in ((crm.email(), "Lapsed"), (story.early.email, "Linked")):
        crm.save(story.late, email=address)
        credit.credit_lead(story.late.name)
        frappe.db.commit()
        assert link_of(row.visitor, crm_lead=story.late.name).status == status


# ---------------------------------------------------------------- an earlier touch comes to light


def test_an_earlier_touch_that_comes_to_light_moves_the_first_touch_and_the_timeline_says_so(
    links: list[Any],
) -> None:
    """The laptop's form is there when the phone, whose click was earlier, sends one with the same address."""
    address, phone = crm.email(), crm.visited(*links)
    lead = crm.insert_lead(crm.visited(links[1]), email=address)
    deal = crm.convert(lead)
    first_seen = frappe.get_doc("Visitor", phone).first_seen
    assert timeline(lead) == []

    crm.insert_lead(phone, email=address)

    lead, deal = crm.fresh(lead), crm.fresh(deal)
    assert lead.trackflow_first_touch_date == deal.trackflow_first_touch_date == first_seen
    assert deal.trackflow_first_touch_source == "adverts"
    assert (lead.trackflow_touch_count, deal.trackflow_touch_count) == (3, 3)
    (said,) = timeline(lead)
    assert "earlier touch came to light" in said
    assert len(timeline(deal)) == 1


def test_the_first_touch_stays_when_its_click_is_no_longer_in_the_window(links: list[Any]) -> None:
    lead = crm.insert_lead(crm.visited(*links))
    deal = crm.convert(lead)
    first = (deal.trackflow_first_touch_date, deal.trackflow_first_touch_source)

    model = frappe.get_doc("Attribution Model", "Last Touch")
    factory.change(model, lookback_window_days=1)
    try:
        crm.finish_jobs()
        again = crm.save(deal, status="Negotiation")
    finally:
        factory.change(model, lookback_window_days=0)
        crm.finish_jobs()

    assert again.trackflow_touch_count == 1
    assert (again.trackflow_first_touch_date, again.trackflow_first_touch_source) == first


# ---------------------------------------------------------------- undone, and undone again


def test_undoing_a_merge_takes_its_touches_and_its_money_away(story: Story, http: Any) -> None:
    before = [revenue_of(link) for link in story.links]
    row = link_of(story.early.trackflow_visitor_id, crm_lead=story.late.name)
    assert story.deal.trackflow_touch_count == 3

    assert post(manager(http), "undo", link=row.name, reason="Father and son").ok

    row = link_of(row.visitor, crm_lead=story.late.name)
    assert (row.status, row.undone_reason) == ("Undone", "Father and son")
    assert row.undone_by == crm.a_user("TrackFlow Manager") and row.undone_on
    late, deal = crm.fresh(story.late), crm.fresh(story.deal)
    assert late.trackflow_touch_count == deal.trackflow_touch_count == 1
    assert {credit.visitor_id for credit in crm.credits_of(deal, "Linear")} == {late.trackflow_visitor_id}
    own = frappe.get_doc("Visitor", late.trackflow_visitor_id).first_seen
    assert late.trackflow_first_touch_date == deal.trackflow_first_touch_date == own
    assert deal.trackflow_first_touch_source == "newsletter"
    assert any("Father and son" in said for said in timeline(late))
    assert sum(revenue_of(link) for link in story.links) == sum(before)


def test_what_was_undone_is_not_merged_again(story: Story, http: Any) -> None:
    from trackflow import credit

    row = link_of(story.early.trackflow_visitor_id, crm_lead=story.late.name)
    post(manager(http), "undo", link=row.name, reason="Father and son")

    crm.visit(story.links[0], story.early.trackflow_visitor_id)
    factory.drain()
    crm.insert_lead(story.early.trackflow_visitor_id, email=story.late.email)
    credit.credit_lead(story.late.name)
    credit.credit_deal(story.deal.name)

    assert link_of(row.visitor, crm_lead=story.late.name).status == "Undone"
    assert crm.fresh(story.deal).trackflow_touch_count == 1


def test_undoing_can_be_undone(story: Story, http: Any) -> None:
    row = link_of(story.early.trackflow_visitor_id, crm_lead=story.late.name)
    post(manager(http), "undo", link=row.name, reason="Father and son")

    assert post(http, "redo", link=row.name).ok

    row = link_of(row.visitor, crm_lead=story.late.name)
    assert (row.status, row.undone_reason) == ("Linked", None)
    late, deal = crm.fresh(story.late), crm.fresh(story.deal)
    assert late.trackflow_touch_count == deal.trackflow_touch_count == 3
    assert deal.trackflow_first_touch_date == story.deal.trackflow_first_touch_date


def test_undoing_a_leads_own_visitor_undoes_what_followed_from_it(story: Story, http: Any) -> None:
    own = link_of(story.early.trackflow_visitor_id, crm_lead=story.early.name)

    assert post(manager(http), "undo", link=own.name, reason="A kiosk at the fair").ok

    early, late = crm.fresh(story.early), crm.fresh(story.late)
    assert early.trackflow_touch_count == 1, "the other device's touch counts by the address"
    assert late.trackflow_touch_count == crm.fresh(story.deal).trackflow_touch_count == 1
    assert frappe.db.get_value("Visitor", own.visitor, "crm_lead") is None
    assert link_of(own.visitor, crm_lead=late.name).status == "Lapsed"


def test_a_lead_whose_only_visitor_was_undone_shows_no_touches(links: list[Any], http: Any) -> None:
    lead = crm.insert_lead(crm.visited(links[0]))
    deal = crm.convert(lead)
    row = link_of(lead.trackflow_visitor_id, crm_lead=lead.name)

    post(manager(http), "undo", link=row.name, reason="A colleague's browser")

    for doc in (crm.fresh(lead), crm.fresh(deal)):
        assert (doc.trackflow_touch_count, doc.trackflow_campaign, doc.trackflow_first_touch_date) == (
            0,
            None,
            None,
        )
    assert crm.rows("Deal Attribution", deal_id=deal.name) == []
    assert crm.conversions_of(lead) == []


def test_a_visitor_can_be_linked_by_hand(links: list[Any]) -> None:
    lead, visitor = crm.insert_lead(), crm.visited(*links)
    assert lead.trackflow_touch_count == 0

    frappe.get_doc(doctype="Identity Link", visitor=visitor, crm_lead=lead.name).insert()
    frappe.db.commit()
    crm.finish_jobs()

    row = link_of(visitor, crm_lead=lead.name)
    assert (row.rule, row.status, row.linked_by) == ("By Hand", "Linked", "Administrator")
    assert crm.fresh(lead).trackflow_touch_count == 2
    with pytest.raises(frappe.ValidationError):
        frappe.get_doc(doctype="Identity Link", visitor=visitor, crm_lead=lead.name).insert()


@pytest.mark.parametrize("person", [{}, {"crm_lead": "NO-SUCH-LEAD"}, {"crm_lead": "A", "crm_deal": "B"}])
def test_a_link_by_hand_needs_one_lead_or_deal(links: list[Any], person: dict[str, str]) -> None:
    with pytest.raises(frappe.ValidationError):
        frappe.get_doc(doctype="Identity Link", visitor=crm.visited(links[0]), **person).insert()


def test_only_managers_undo(story: Story, http: Any) -> None:
    row = link_of(story.early.trackflow_visitor_id, crm_lead=story.late.name)
    reader = http.login(crm.a_user("Campaign Manager"), crm.PASSWORD)

    assert reader.get(f"/api/resource/Identity Link/{row.name}").ok
    assert post(reader, "undo", link=row.name, reason="Because").status_code == 403
    assert link_of(row.visitor, crm_lead=story.late.name).status == "Linked"


def test_undoing_needs_a_reason(story: Story, http: Any) -> None:
    row = link_of(story.early.trackflow_visitor_id, crm_lead=story.late.name)
    assert post(manager(http), "undo", link=row.name, reason=" ").status_code == 417
    assert link_of(row.visitor, crm_lead=story.late.name).status == "Linked"


# ---------------------------------------------------------------- what was there before


def test_links_of_old_data_are_written_down_once(story: Story) -> None:
    from trackflow.patches.v0_1 import link_identities

    before = {row.name: row.rule for row in crm.rows("Identity Link", crm_lead=story.late.name)}
    frappe.db.delete("Identity Link", {"crm_lead": story.late.name})
    frappe.db.set_value("CRM Deal", story.deal.name, "trackflow_visitor_id", story.early.trackflow_visitor_id)
    frappe.db.commit()

    for _twice in range(2):
        link_identities.execute()
        after = {row.name: row.rule for row in crm.rows("Identity Link", crm_lead=story.late.name)}
        assert after == before
    assert crm.fresh(story.deal).trackflow_visitor_id == story.late.trackflow_visitor_id


# ---------------------------------------------------------------- renamed and deleted


def test_what_was_undone_stays_so_when_the_lead_is_renamed(story: Story, http: Any) -> None:
    row = link_of(story.early.trackflow_visitor_id, crm_lead=story.late.name)
    post(manager(http), "undo", link=row.name, reason="Father and son")

    new = frappe.rename_doc("CRM Lead", story.late.name, factory.unique("LEAD"), show_alert=False)
    frappe.db.commit()
    crm.finish_jobs()

    assert link_of(row.visitor, crm_lead=new).status == "Undone"
    assert crm.rows("Identity Link", crm_lead=story.late.name) == []
    assert frappe.db.get_value("CRM Lead", new, "trackflow_touch_count") == 1


def test_a_deleted_lead_takes_its_links_along(links: list[Any]) -> None:
    lead = crm.insert_lead(crm.visited(links[0]))
    assert len(crm.rows("Identity Link", crm_lead=lead.name)) == 1

    frappe.delete_doc("CRM Lead", lead.name)
    frappe.db.commit()
    crm.finish_jobs()

    assert crm.rows("Identity Link", crm_lead=lead.name) == []
