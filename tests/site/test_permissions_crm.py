"""Who may see and change what TrackFlow found out about leads and deals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import frappe
import pytest

from tests.site import crm_factory as crm
from tests.site import factory

RESULTS = (
    "Deal Attribution", "Deal Link Association", "Deal Stage Change", "Lead Status Change", "Conversion",
    "Link Conversion", "Identity Link", "Visitor", "Visitor Session", "Visitor Event", "Click Event",
)  # fmt: skip
WORK = ("Link Campaign", "Tracked Link", "Campaign Link Variant", "Link Template")
MANAGED = ("Click Queue", "TrackFlow Settings", "TrackFlow API Key", "Attribution Model", "API Request Log")


@pytest.fixture(scope="module")
def user_with() -> Callable[..., str]:
    made: dict[tuple[str, ...], str] = {}

    def get(*roles: str) -> str:
        if roles not in made:
            made[roles] = crm.make_user(*roles)
        return made[roles]

    return get


def may(user: str, doctype: str, *rights: str) -> set[str]:
    return {right for right in rights if frappe.has_permission(doctype, right, user=user)}


@pytest.mark.parametrize("doctype", RESULTS)
def test_a_campaign_manager_reads_results_and_changes_none(
    user_with: Callable[..., str], doctype: str
) -> None:
    rights = may(user_with("Campaign Manager"), doctype, "read", "report", "create", "write", "delete")
    assert rights == {"read", "report"}


@pytest.mark.parametrize("doctype", WORK)
def test_a_campaign_manager_works_with_campaigns_and_links(
    user_with: Callable[..., str], doctype: str
) -> None:
    every = {"read", "create", "write", "delete"}
    assert may(user_with("Campaign Manager"), doctype, *every) == every


@pytest.mark.parametrize("doctype", MANAGED)
def test_a_campaign_manager_does_not_manage_trackflow(user_with: Callable[..., str], doctype: str) -> None:
    assert may(user_with("Campaign Manager"), doctype, "create", "write", "delete") == set()


@pytest.mark.parametrize(
    "doctype", (*RESULTS, *WORK, "TrackFlow API Key", "Attribution Model", "Click Queue")
)
@pytest.mark.parametrize("role", ["TrackFlow Manager", "System Manager"])
def test_managers_may_everything(user_with: Callable[..., str], role: str, doctype: str) -> None:
    every = {"read", "create", "write", "delete"}
    assert may(user_with(role), doctype, *every) == every


@pytest.mark.parametrize("doctype", (*RESULTS, *WORK, *MANAGED))
def test_nobody_else_may_anything(user_with: Callable[..., str], doctype: str) -> None:
    for user in ("Guest", user_with("Blogger")):
        assert may(user, doctype, "read", "create", "write", "delete") == set()


# ---------------------------------------------------------------- over HTTP


@pytest.fixture(scope="module")
def deal() -> Any:
    """A deal with an attribution; its visitor's address is known."""
    visitor = factory.new_visitor()
    crm.visit(crm.campaign_link()[1], visitor, ip_address="203.0.113.77")
    factory.drain()
    return crm.insert_deal(trackflow_visitor_id=visitor)


def attribution_of(deal: Any) -> str:
    (row,) = crm.rows("Deal Attribution", deal_id=deal.name, attribution_model="Last Touch")
    return f"/api/resource/Deal Attribution/{row.name}"


@crm.needs_crm
def test_a_campaign_manager_over_http(user_with: Callable[..., str], http: Any, deal: Any) -> None:
    http.login(user_with("Campaign Manager"), crm.PASSWORD)
    address = attribution_of(deal)

    seen = http.get(address)
    assert seen.ok, seen.text
    assert seen.json()["data"]["credits"][0]["amount"] == 1000
    assert http.put(address, json={"attribution_value": 1}).status_code == 403
    assert http.delete(address).status_code == 403
    made = {"deal_id": deal.name, "attribution_model": "Linear"}
    assert http.post("/api/resource/Deal Attribution", json=made).status_code == 403


@crm.needs_crm
def test_raw_addresses_are_for_managers(user_with: Callable[..., str], new_client: Any, deal: Any) -> None:
    visitor = f"/api/resource/Visitor/{deal.trackflow_visitor_id}"
    manager = new_client().login(user_with("TrackFlow Manager"), crm.PASSWORD)
    reader = new_client().login(user_with("Campaign Manager"), crm.PASSWORD)

    assert manager.get(visitor).json()["data"]["ip_address"] == "203.0.113.77"
    assert reader.get(visitor).ok
    for private in ("203.0.113.77", "Mozilla"):
        assert private not in reader.get(visitor).text
        fields = {"fields": '["name", "ip_address", "user_agent"]', "limit_page_length": 0}
        assert private not in reader.get("/api/resource/Visitor", params=fields).text
        assert private not in reader.get("/api/resource/Click Event", params=fields).text


@crm.needs_crm
def test_a_salesperson_sees_the_fields_of_the_lead_and_nothing_else(
    user_with: Callable[..., str], http: Any, deal: Any
) -> None:
    http.login(user_with("Sales User"), crm.PASSWORD)

    seen = http.get(f"/api/resource/CRM Deal/{deal.name}")
    assert seen.json()["data"]["trackflow_visitor_id"] == deal.trackflow_visitor_id
    assert http.get(attribution_of(deal)).status_code == 403
    assert http.get(f"/api/resource/Visitor/{deal.trackflow_visitor_id}").status_code == 403


@crm.needs_crm
def test_what_a_salesperson_saves_is_noted_and_credited_all_the_same(
    user_with: Callable[..., str], http: Any
) -> None:
    """Without a right to any of TrackFlow's DocTypes."""
    campaign, link = crm.campaign_link()
    visitor, user = crm.visited(link), user_with("Sales User")
    http.login(user, crm.PASSWORD)

    lead = crm.post(http, "CRM Lead", **crm.person(trackflow_visitor_id=visitor))
    assert http.put(f"/api/resource/CRM Lead/{lead.name}", json={"status": "Contacted"}).ok
    deal = crm.post(http, "CRM Deal", status="Qualification", lead=lead.name, annual_revenue=70)
    assert http.put(f"/api/resource/CRM Deal/{deal.name}", json={"status": "Won"}).ok
    crm.finish_jobs()

    assert crm.fresh(lead).trackflow_campaign == campaign.name
    changes = crm.rows("Lead Status Change", "change_date asc", lead_id=lead.name)
    assert [(row.to_status, row.changed_by) for row in changes] == [("New", user), ("Contacted", user)]
    assert [row.to_stage for row in crm.rows("Deal Stage Change", "change_date asc", deal_id=deal.name)] == [
        "Qualification",
        "Won",
    ]
    assert len(crm.conversions_of(crm.fresh(deal))) == 1


@crm.needs_crm
def test_guests_read_nothing_over_http(http: Any, deal: Any) -> None:
    assert http.get(attribution_of(deal)).status_code == 403
    assert http.get(f"/api/resource/Visitor/{deal.trackflow_visitor_id}").status_code == 403
    assert http.get("/api/resource/Click Event").status_code == 403
