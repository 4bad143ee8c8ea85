"""What a salesperson sees of a company: how engaged its people are, who came last, and what brought them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm
FIELDS = ["trackflow_engagement_score", "trackflow_last_campaign", "trackflow_visitor_id"]


@pytest.fixture
def firm() -> Any:
    doc = frappe.get_doc(doctype="CRM Organization", organization_name=factory.unique("Firm")).insert()
    frappe.db.commit()
    return doc


def shown(firm: Any) -> tuple[float, str | None, str | None]:
    frappe.db.commit()
    return frappe.db.get_value("CRM Organization", firm.name, FIELDS)


def test_a_lead_of_the_organization_makes_it_engaged(firm: Any) -> None:
    campaign, link = crm.campaign_link()
    lead = crm.insert_lead(crm.visited(link), organization=firm.name)

    score, last, visitor = shown(firm)
    assert (last, visitor) == (campaign.name, lead.trackflow_visitor_id)
    # A visit with a click, an hour ago, and a conversion just now.
    assert score == pytest.approx(5 + 2 + 20, abs=0.1)


def test_it_follows_when_its_people_come_back(firm: Any) -> None:
    from trackflow import organizations

    deal = crm.insert_deal(trackflow_visitor_id=crm.visited(crm.campaign_link()[1]), organization=firm.name)
    before = shown(firm)[0]
    campaign, link = crm.campaign_link()
    crm.visit(link, deal.trackflow_visitor_id, ago=timedelta(0))
    factory.drain()

    organizations.follow_visits()
    crm.finish_jobs()

    score, last, _visitor = shown(firm)
    assert score > before
    assert last == campaign.name


def test_it_fades_when_nobody_comes(firm: Any) -> None:
    from trackflow import organizations

    visitor = crm.visited(crm.campaign_link()[1])
    crm.insert_deal(trackflow_visitor_id=visitor, organization=firm.name)
    before = shown(firm)[0]
    a_month_ago = now_datetime() - timedelta(days=30, hours=1)
    frappe.db.set_value("Visitor Session", {"visitor_id": visitor}, "session_start", a_month_ago)
    frappe.db.commit()

    organizations.fade()
    crm.finish_jobs()

    assert shown(firm)[0] == pytest.approx(before / 2, abs=0.2)


def test_an_organization_without_people_shows_nothing(firm: Any) -> None:
    crm.insert_deal(organization=firm.name)
    assert shown(firm) == (0, None, None)


def test_a_form_that_was_opened_before_does_not_wipe_it(firm: Any) -> None:
    opened = crm.fresh(firm)
    crm.insert_lead(crm.visited(crm.campaign_link()[1]), organization=firm.name)

    opened.website = "https://example.com"
    opened.save()
    frappe.db.commit()

    assert crm.fresh(firm).website == "https://example.com"
    assert shown(firm)[0] > 20
