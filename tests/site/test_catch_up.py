"""When TrackFlow itself is broken: the CRM goes on, the failure is in the log, and the credit comes later."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm


@contextmanager
def without_table(doctype: str) -> Iterator[None]:
    """Take a DocType's table away for a while, as a migration that went wrong might."""
    table, hidden = f"tab{doctype}", f"hidden {doctype}"
    frappe.db.commit()
    frappe.db.sql_ddl(f"RENAME TABLE `{table}` TO `{hidden}`")
    try:
        yield
    finally:
        frappe.db.rollback()
        frappe.db.sql_ddl(f"RENAME TABLE `{hidden}` TO `{table}`")


@pytest.fixture
def visit() -> tuple[Any, str]:
    """A campaign and the visitor that it brought."""
    campaign, link = crm.campaign_link()
    return campaign, crm.visited(link)


def errors_since(moment: Any, text: str) -> list[Any]:
    frappe.db.commit()
    filters = {"creation": (">=", moment), "method": ("like", f"%{text}%")}
    return frappe.get_all("Error Log", filters, ["name", "error"], order_by="creation asc")


def test_a_lead_is_saved_though_its_status_can_not_be_noted(http: Any) -> None:
    client, before = http.login(), now_datetime()
    with without_table("Lead Status Change"):
        lead = crm.post(client, "CRM Lead", **crm.person())
        changed = client.put(f"/api/resource/CRM Lead/{lead.name}", json={"status": "Contacted"})

    assert changed.ok, changed.text
    assert "trackflow" not in changed.text.lower().replace("trackflow_", ""), "nobody is told of our trouble"
    assert crm.fresh(lead).status == "Contacted"
    logged = errors_since(before, "trackflow.integrations.crm.lead")
    assert len(logged) == 2
    assert "Lead Status Change" in logged[0].error


def test_what_the_save_did_before_is_not_lost_with_our_failure(http: Any) -> None:
    """Only our own part is undone: here the CRM's own log of the status, in the same save."""
    client = http.login()
    with without_table("Deal Stage Change"):
        deal = crm.post(client, "CRM Deal", status="Qualification", next_step="Call")
        assert client.put(f"/api/resource/CRM Deal/{deal.name}", json={"status": "Negotiation"}).ok

    deal = crm.fresh(deal)
    assert (deal.status, deal.next_step) == ("Negotiation", "Call")
    assert deal.status_change_log[-1].get("from") == "Negotiation"


def test_a_lead_that_could_not_be_credited_is_caught_up_with(visit: tuple[Any, str]) -> None:
    from trackflow import credit

    campaign, visitor = visit
    before = now_datetime()
    with without_table("Conversion"):
        lead = crm.insert_lead(visitor)

    assert (lead.trackflow_visitor_id, lead.trackflow_touch_count) == (visitor, 0), "all or nothing"
    assert errors_since(before, "trackflow.credit")

    credit.catch_up()

    lead = crm.fresh(lead)
    assert (lead.trackflow_campaign, lead.trackflow_touch_count) == (campaign.name, 1)
    assert len(crm.conversions_of(lead)) == 1
    frappe.db.commit()
    assert frappe.db.get_value("Link Campaign", campaign.name, "conversions") == 1


def test_a_deal_that_could_not_be_credited_is_caught_up_with(visit: tuple[Any, str]) -> None:
    from trackflow import credit

    campaign, visitor = visit
    with without_table("Deal Attribution Credit"):
        deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)
    assert crm.rows("Deal Attribution", deal_id=deal.name) == []

    credit.catch_up()

    assert [row.amount for row in crm.credits_of(deal, "Last Touch")] == [100]
    assert len(crm.conversions_of(deal)) == 1
    assert frappe.db.get_value("Link Campaign", campaign.name, "revenue") == 100


def test_one_that_fails_does_not_hold_up_the_others(visit: tuple[Any, str]) -> None:
    """Leads come before deals, and without the table every one of them fails."""
    from trackflow import credit

    _campaign, visitor = visit
    before = now_datetime()
    with without_table("Lead Status Change"):
        lead = crm.insert_lead(visitor)
        deal = crm.insert_deal(trackflow_visitor_id=visitor)
        for doctype in ("Deal Attribution", "Deal Journey"):
            frappe.db.delete(doctype, {"deal_id": deal.name})
        frappe.db.commit()
        credit.catch_up()

    assert crm.conversions_of(lead) == []
    assert crm.rows("Deal Attribution", deal_id=deal.name)
    assert errors_since(before, f"credit_lead failed for {lead.name}")


def test_a_deal_that_was_won_meanwhile_is_caught_up_with(visit: tuple[Any, str]) -> None:
    from trackflow import credit

    campaign, visitor = visit
    deal = crm.insert_deal(value=100, trackflow_visitor_id=visitor)
    with without_table("Deal Attribution Credit"):
        crm.save(deal, status="Won")
    assert {row.is_won for row in crm.rows("Deal Attribution", deal_id=deal.name)} == {0}

    credit.catch_up()

    assert {row.is_won for row in crm.rows("Deal Attribution", deal_id=deal.name)} == {1}
    assert len(crm.conversions_of(deal)) == 1
    assert frappe.db.get_value("Link Campaign", campaign.name, "revenue") == 100


def test_what_is_credited_is_left_alone(visit: tuple[Any, str]) -> None:
    from trackflow import credit

    _campaign, visitor = visit
    lead, deal = crm.insert_lead(visitor), crm.insert_deal(trackflow_visitor_id=visitor)
    before = crm.rows("Deal Attribution", deal_id=deal.name) + crm.conversions_of(lead)

    credit.catch_up()

    assert crm.rows("Deal Attribution", deal_id=deal.name) + crm.conversions_of(lead) == before


def test_after_a_week_nobody_tries_any_more(visit: tuple[Any, str]) -> None:
    from trackflow import credit

    campaign, visitor = visit
    with without_table("Conversion"):
        lead = crm.insert_lead(visitor)
    long_ago = now_datetime() - timedelta(days=credit.CATCH_UP_DAYS, hours=1)
    frappe.db.set_value("CRM Lead", lead.name, "creation", long_ago, update_modified=False)
    frappe.db.commit()

    credit.catch_up()
    frappe.db.commit()

    assert crm.conversions_of(lead) == []
    assert factory.counters(campaign) == (1, 1)


def test_the_scheduler_knows_of_it() -> None:
    job = frappe.get_all(
        "Scheduled Job Type", {"method": "trackflow.credit.catch_up"}, ["frequency", "stopped"]
    )
    assert [(row.frequency, row.stopped) for row in job] == [("Hourly", 0)]


@pytest.fixture
def server_in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("server_in_new_york")
def test_a_stage_that_was_missed_is_dated_by_the_clock_of_the_site() -> None:
    """The CRM's own log goes by the clock of the server."""
    from trackflow.integrations.crm import stages

    deal = crm.save(crm.insert_deal(), status="Won")
    frappe.db.delete("Deal Stage Change", {"deal_id": deal.name})

    stages.complete(deal)

    (noted,) = crm.rows("Deal Stage Change", deal_id=deal.name)
    assert timedelta(0) <= deal.modified - noted.change_date < timedelta(minutes=1)
