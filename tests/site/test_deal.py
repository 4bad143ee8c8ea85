"""From lead to deal: what comes along, what is recorded, and which links had a part in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm


@dataclass(frozen=True)
class Story:
    """A lead of three links and the deal that it became."""

    first: Any
    between: Any
    last: Any
    lead: Any
    deal: Any
    converted_at: datetime


@pytest.fixture(scope="module")
def story() -> Story:
    _, first = crm.campaign_link(source="adverts", medium="cpc")
    _, between = crm.campaign_link(source="partner", medium="referral")
    _, last = crm.campaign_link(source="newsletter", medium="email")
    lead = crm.insert_lead(crm.visited(first, between, last), organization=factory.unique("Firm"))
    before = now_datetime().replace(microsecond=0)
    return Story(first, between, last, crm.fresh(lead), crm.convert(lead), before)


@pytest.fixture
def deal(story: Story) -> Any:
    """Another deal of the same visitor, to be changed."""
    return crm.insert_deal(value=500, trackflow_visitor_id=story.lead.trackflow_visitor_id)


# ---------------------------------------------------------------- conversion


def test_the_leads_fields_come_along(story: Story) -> None:
    deal = story.deal
    assert deal.lead == story.lead.name
    assert crm.tracked(deal) == crm.tracked(story.lead)
    assert deal.trackflow_campaign == story.last.campaign
    assert (deal.trackflow_first_touch_source, deal.trackflow_last_touch_source) == ("adverts", "newsletter")
    assert deal.trackflow_attribution_model == "Last Touch"
    assert deal.trackflow_marketing_influenced == 1


def test_the_leads_new_status_is_noted_though_nobody_saved_it(story: Story) -> None:
    new, qualified = crm.rows("Lead Status Change", "change_date asc", lead_id=story.lead.name)
    assert new.to_status == "New"
    assert (qualified.from_status, qualified.to_status) == ("New", "Qualified")
    assert qualified.changed_by == "Administrator"
    assert story.converted_at <= qualified.change_date <= now_datetime()
    assert (qualified.source_campaign, qualified.source_medium) == (story.last.campaign, "email")


def test_a_form_of_the_deal_that_was_opened_before_does_not_wipe_the_fields(story: Story) -> None:
    opened = frappe.get_doc(
        doctype="CRM Deal", status="Qualification", trackflow_visitor_id=story.lead.trackflow_visitor_id
    ).insert()
    frappe.db.commit()
    crm.finish_jobs()

    opened.next_step = "Call"
    opened.save()
    frappe.db.commit()

    deal = crm.fresh(opened)
    assert (deal.next_step, deal.trackflow_touch_count) == ("Call", 3)
    assert deal.trackflow_marketing_influenced == 1


def test_what_a_client_says_about_the_touches_is_ignored(http: Any) -> None:
    lies = {"trackflow_campaign": "Lies", "trackflow_touch_count": 99, "trackflow_marketing_influenced": 1}
    client = http.login()

    alone = crm.post(client, "CRM Deal", status="Qualification", **lies)
    assert (alone.trackflow_campaign, alone.trackflow_touch_count) == (None, 0)
    assert alone.trackflow_marketing_influenced == 0

    assert client.put(f"/api/resource/CRM Deal/{alone.name}", json=lies).ok
    assert crm.fresh(alone).trackflow_touch_count == 0


# ---------------------------------------------------------------- stages


def test_each_stage_is_noted_with_who_and_when(deal: Any, http: Any) -> None:
    answer = http.login().put(f"/api/resource/CRM Deal/{deal.name}", json={"status": "Negotiation"})
    assert answer.ok, answer.text
    crm.save(deal, wait=False, next_step="Call")
    crm.save(deal, wait=False, status="Won")

    changes = crm.rows("Deal Stage Change", "change_date asc", deal_id=deal.name)
    assert [(row.from_stage or "", row.to_stage) for row in changes] == [
        ("", "Qualification"),
        ("Qualification", "Negotiation"),
        ("Negotiation", "Won"),
    ]
    assert {row.changed_by for row in changes} == {"Administrator"}
    assert all(deal.creation <= row.change_date <= now_datetime() for row in changes)


# ---------------------------------------------------------------- links that had a part


def associations(deal: Any) -> dict[str, tuple[str, float]]:
    found = crm.rows("Deal Link Association", deal_id=deal.name)
    assert len({row.tracked_link for row in found}) == len(found), "a link twice"
    return {row.tracked_link: (row.association_type, row.attribution_weight) for row in found}


def test_first_last_and_assisting_links_are_told_apart(story: Story) -> None:
    assert associations(story.deal) == {
        story.first.name: ("First Touch", 0.0),
        story.between.name: ("Assist", 0.0),
        story.last.name: ("Last Touch", 1.0),
    }


def test_a_link_that_was_everything_counts_as_the_first(story: Story) -> None:
    deal = crm.insert_deal(trackflow_visitor_id=crm.visited(story.first, story.first))

    assert associations(deal) == {story.first.name: ("First Touch", 1.0)}


def test_what_was_associated_by_hand_stays(deal: Any, story: Story) -> None:
    brochure = crm.direct_link()
    manual = frappe.get_doc(
        doctype="Deal Link Association",
        deal_id=deal.name,
        tracked_link=brochure.name,
        association_type="Manual",
        attribution_weight=0.25,
        touch_date=now_datetime() - timedelta(days=1, minutes=5),
    ).insert()
    frappe.db.commit()

    crm.save(deal, status="Negotiation")

    now = associations(deal)
    assert now[brochure.name] == ("Manual", 0.25)
    assert now[story.last.name] == ("Last Touch", 1.0)
    assert len(now) == 4
    assert frappe.db.exists("Deal Link Association", manual.name)


# ---------------------------------------------------------------- deals without a lead


def test_a_deal_without_a_lead_and_a_visitor_gets_nothing() -> None:
    deal = crm.insert_deal(value=500)

    assert not any(crm.tracked(deal).values())
    assert crm.rows("Deal Attribution", deal_id=deal.name) == []
    (stage,) = crm.rows("Deal Stage Change", deal_id=deal.name)
    assert stage.to_stage == "Qualification"


def test_a_deal_without_a_lead_may_name_its_visitor(deal: Any, story: Story) -> None:
    assert deal.lead is None
    assert deal.trackflow_visitor_id == story.lead.trackflow_visitor_id
    assert deal.trackflow_campaign == story.last.campaign
    assert crm.shares_of(deal, "Last Touch") == {story.last.name: (100.0, 500.0)}


def test_a_deal_of_a_lead_without_a_visitor_gets_nothing() -> None:
    deal = crm.convert(crm.insert_lead())

    assert not any(crm.tracked(deal).values())
    assert crm.rows("Deal Attribution", deal_id=deal.name) == []


def test_a_lead_that_is_named_later_brings_its_touches(story: Story) -> None:
    deal = crm.insert_deal(value=300)
    deal = crm.save(deal, lead=story.lead.name)

    assert deal.trackflow_campaign == story.last.campaign
    assert crm.shares_of(deal, "Last Touch") == {story.last.name: (100.0, 300.0)}


def test_a_deleted_deal_stops_nobody(deal: Any) -> None:
    from trackflow import credit

    frappe.delete_doc("CRM Deal", deal.name, force=True)
    frappe.db.commit()

    credit.credit_deal(deal.name)
