"""What a lead carries of the visitor who made it, and what becomes of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import frappe
import pytest
from frappe.utils import now_datetime

from tests import harness
from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm


@pytest.fixture(scope="module")
def form() -> str:
    return crm.make_web_form()


def click_through(client: Any, link: Any) -> str:
    """Follow a link over HTTP; return the visitor that the browser is now."""
    assert factory.click(link, client).status_code == 302
    return client.cookies["trackflow_visitor"]


# ---------------------------------------------------------------- from click to lead


def test_a_visitors_form_becomes_a_lead_that_says_where_it_came_from(http: Any, form: str) -> None:
    campaign, link = crm.campaign_link(source="newsletter", medium="email")
    visitor = click_through(http, link)

    lead = crm.send_form(http, form, page=f"{harness.URL}/pricing?plan=1")

    seen = frappe.get_doc("Visitor", visitor)
    assert crm.tracked(lead) == {
        "trackflow_visitor_id": visitor,
        "trackflow_source": "newsletter",
        "trackflow_medium": "email",
        "trackflow_campaign": campaign.name,
        "trackflow_first_touch_date": seen.first_seen,
        "trackflow_last_touch_date": seen.last_seen,
        "trackflow_touch_count": 1,
    }
    assert seen.crm_lead == lead.name
    (event,) = crm.rows("Visitor Event", visitor=visitor)
    assert (event.event_type, event.page_url) == ("Form Submitted", f"{harness.URL}/pricing?plan=1")
    assert json.loads(event.event_data) == {"doctype": "CRM Lead", "name": lead.name}
    assert event.timestamp == lead.creation


def test_several_touches_are_all_counted(form: str, http: Any) -> None:
    _, first = crm.campaign_link(source="adverts", medium="cpc")
    last_campaign, last = crm.campaign_link(source="newsletter", medium="email")
    visitor = crm.visited(first, first, last)
    http.cookies.set("trackflow_visitor", visitor)

    lead = crm.send_form(http, form)

    assert lead.trackflow_touch_count == 3
    assert lead.trackflow_campaign == last_campaign.name, "Last Touch is the default"
    assert lead.trackflow_first_touch_date < now_datetime() - timedelta(days=2)
    assert lead.trackflow_last_touch_date > now_datetime() - timedelta(hours=2)


def test_a_click_that_still_waits_in_the_queue_counts(http: Any, form: str) -> None:
    campaign, link = crm.campaign_link()
    visitor = factory.new_visitor()
    crm.visit(link, visitor, ago=timedelta(seconds=2))
    http.cookies.set("trackflow_visitor", visitor)

    lead = crm.send_form(http, form)

    assert (lead.trackflow_campaign, lead.trackflow_touch_count) == (campaign.name, 1)


def test_a_lead_of_somebody_who_never_clicked_says_nothing(http: Any, form: str) -> None:
    lead = crm.send_form(http, form)

    assert not any(crm.tracked(lead).values())
    assert crm.conversions_of(lead) == []


def test_what_a_client_says_about_the_touches_is_ignored(new_client: Any) -> None:
    client = new_client().login()
    lies = {
        "trackflow_source": "bribery",
        "trackflow_medium": "cash",
        "trackflow_campaign": "Nothing of the kind",
        "trackflow_first_touch_date": "2001-01-01 00:00:00",
        "trackflow_last_touch_date": "2001-01-01 00:00:00",
        "trackflow_touch_count": 99,
    }

    lead = crm.post(client, "CRM Lead", **crm.person(**lies))
    assert not any(crm.tracked(lead).values())

    changed = client.put(f"/api/resource/CRM Lead/{lead.name}", json={"job_title": "CEO", **lies})
    assert changed.ok, changed.text
    lead = crm.fresh(lead)
    assert lead.job_title == "CEO"
    assert not any(crm.tracked(lead).values())


def test_a_form_that_was_opened_before_the_credit_does_not_wipe_it() -> None:
    campaign, link = crm.campaign_link()
    visitor = crm.visited(link)
    opened = frappe.get_doc(doctype="CRM Lead", **crm.person(trackflow_visitor_id=visitor)).insert()
    frappe.db.commit()
    crm.finish_jobs()

    opened.job_title = "CEO"
    opened.save()
    frappe.db.commit()

    lead = crm.fresh(opened)
    assert (lead.job_title, lead.trackflow_campaign) == ("CEO", campaign.name)
    assert (lead.trackflow_visitor_id, lead.trackflow_touch_count) == (visitor, 1)


# ---------------------------------------------------------------- changes of status


def test_each_change_of_status_is_noted_with_who_and_when(form: str, new_client: Any) -> None:
    campaign, link = crm.campaign_link(medium="email")
    visitor = new_client()
    click_through(visitor, link)
    lead = crm.send_form(visitor, form)
    before = now_datetime()

    answer = new_client().login().put(f"/api/resource/CRM Lead/{lead.name}", json={"status": "Contacted"})
    assert answer.ok, answer.text

    first, second = crm.rows("Lead Status Change", "change_date asc", lead_id=lead.name)
    assert (first.from_status or "", first.to_status, first.changed_by) == ("", "New", "Guest")
    assert (second.from_status, second.to_status) == ("New", "Contacted")
    assert second.changed_by == "Administrator"
    assert before - timedelta(seconds=1) <= second.change_date <= now_datetime()
    for row in (first, second):
        assert (row.source_campaign, row.source_medium) == (campaign.name, "email")


def test_saving_a_lead_without_a_new_status_notes_nothing() -> None:
    lead = crm.insert_lead()
    crm.save(lead, job_title="CEO")
    crm.save(lead, job_title="CTO")

    (row,) = crm.rows("Lead Status Change", lead_id=lead.name)
    assert (row.to_status, row.source_campaign) == ("New", None)


# ---------------------------------------------------------------- the CRM's own source


@pytest.fixture
def web_form_source() -> str:
    return crm.make_source("Web Form")


def test_web_form_as_source_gives_way_to_campaign(http: Any, form: str, web_form_source: str) -> None:
    crm.make_source("Campaign")
    _, link = crm.campaign_link(source=factory.unique("unheard-of"))
    click_through(http, link)

    assert crm.send_form(http, form, source=web_form_source).source == "Campaign"


def test_a_source_named_like_the_touchs_is_better_still(http: Any, form: str, web_form_source: str) -> None:
    known = crm.make_source(factory.unique("Partner Portal"))
    _, link = crm.campaign_link(source=known.lower())
    click_through(http, link)

    assert crm.send_form(http, form, source=web_form_source).source == known


def test_a_lead_without_a_source_gets_one(http: Any, form: str) -> None:
    crm.make_source("Campaign")
    _, link = crm.campaign_link(source=factory.unique("unheard-of"))
    click_through(http, link)

    assert crm.send_form(http, form).source == "Campaign"


def test_a_source_that_a_person_chose_stays(http: Any, form: str) -> None:
    chosen = crm.make_source("Exhibition")
    _, link = crm.campaign_link()
    click_through(http, link)

    lead = crm.send_form(http, form, source=chosen)
    assert (lead.source, lead.trackflow_source) == ("Exhibition", "newsletter")


def test_web_form_stays_where_nothing_better_is_known(http: Any, form: str, web_form_source: str) -> None:
    link = factory.make_link(source=factory.unique("unheard-of"))
    click_through(http, link)

    lead = crm.send_form(http, form, source=web_form_source)
    assert (lead.source, lead.trackflow_source) == ("Web Form", link.source)


def test_no_visitor_no_change_of_source(http: Any, form: str, web_form_source: str) -> None:
    assert crm.send_form(http, form, source=web_form_source).source == "Web Form"
