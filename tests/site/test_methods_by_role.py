"""Every method that TrackFlow offers over HTTP, as each role: answered, or refused."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import frappe
import pytest

import trackflow
from tests.site import by_role, factory, page_views
from tests.site import crm_factory as crm
from tests.site.by_role import CAMPAIGNERS, EVERYBODY, KINDS, LOGGED_IN, MANAGERS

API = "trackflow.api."
World = SimpleNamespace
Asked = Callable[[World], dict]
CRM_DASHBOARD = "crm.api.dashboard.get_dashboard"


@dataclass(frozen=True)
class Row:
    """Who is answered with ``status``; what is asked, given the records there are; which record of the CRM's answers
    whoever may read it.
    """

    allowed: Collection[str]
    asked: Asked = lambda _world: {}
    status: int = 200
    of_crm: str = ""
    is_get: bool = False


def link(world: World) -> dict:
    return {"link": world.link.name}


def campaign(world: World) -> dict:
    return {"campaign": world.campaign.name}


def new_import(_world: World) -> dict:
    doc = frappe.get_doc(
        doctype="Link Import", import_format="List of URLs", pasted_text=factory.DESTINATION
    ).insert()
    frappe.db.commit()
    return {"name": doc.name}


def nothing(_world: World) -> dict:
    """Rows that there are not, so that nothing is done."""
    return {"names": '["no-such-row"]'}


# What a method says of its own request, such as "This link has not been undone", comes after the question of rights.
TOLD_WHY = 417
METHODS = {
    "attribution.compute": Row(MANAGERS, lambda _: {"model": "Linear"}, TOLD_WHY),
    "attribution.retry": Row(MANAGERS, nothing),
    "attribution.progress": Row(CAMPAIGNERS, lambda _: {"model": "Linear"}),
    "attribution.deal": Row((), lambda world: {"deal": world.deal.name}, of_crm="deal"),
    "attribution.lead": Row((), lambda world: {"lead": world.lead.name}, of_crm="lead"),
    "attribution.organization": Row(
        (), lambda world: {"organization": world.organization.name}, of_crm="organization"
    ),
    "attribution.panel": Row(
        (), lambda world: {"doctype": "CRM Deal", "name": world.deal.name}, of_crm="deal"
    ),
    "attribution.credit": Row(CAMPAIGNERS, lambda _: {"model": "Linear"}),
    "attribution.compare": Row(CAMPAIGNERS, lambda _: {"model_a": "Linear", "model_b": "First Touch"}),
    "attribution.example": Row(CAMPAIGNERS, lambda _: {"values": '{"model_type": "Linear"}'}),
    # They say of each record whether it may be changed.
    "bulk.set_link_status": Row(
        LOGGED_IN, lambda world: {"links": f'["{world.link.name}"]', "status": "Active"}
    ),
    "bulk.move_links": Row(
        CAMPAIGNERS, lambda world: {"links": f'["{world.link.name}"]', "campaign": world.campaign.name}
    ),
    "bulk.set_campaign_status": Row(
        LOGGED_IN, lambda world: {"campaigns": f'["{world.campaign.name}"]', "status": "Active"}
    ),
    "campaigns.calendar": Row(CAMPAIGNERS, lambda _: {"start": "2026-01-01", "end": "2026-02-01"}),
    "campaigns.duplicate": Row(
        CAMPAIGNERS, lambda world: campaign(world) | {"campaign_name": factory.unique("Copy")}
    ),
    "campaigns.end_on": Row(CAMPAIGNERS, lambda world: campaign(world) | {"end_date": "2099-12-31"}),
    "campaigns.move": Row(CAMPAIGNERS, lambda world: campaign(world) | {"days": 1}),
    "campaigns.overview": Row(CAMPAIGNERS, campaign),
    "campaigns.qr_sheet": Row(CAMPAIGNERS, campaign),
    "charts.campaigns_by_credited_value": Row(CAMPAIGNERS),
    "charts.clicks_by_day": Row(CAMPAIGNERS),
    "charts.clicks_by_source": Row(CAMPAIGNERS),
    "clicks.check_totals": Row(MANAGERS),
    "clicks.human_share": Row(CAMPAIGNERS),
    "clicks.rebuild_totals": Row(MANAGERS),
    "clicks.retry": Row(MANAGERS, nothing),
    "dashboard.figures": Row(CAMPAIGNERS),
    "dashboard.now": Row(CAMPAIGNERS),
    "digest.is_subscribed": Row(LOGGED_IN, is_get=True),
    "digest.subscribe": Row(CAMPAIGNERS),
    "digest.unsubscribe": Row(LOGGED_IN),
    # 503 where clicks are late, as they may be while other tests run.
    "health.status": Row(EVERYBODY, status=503, is_get=True),
    "health.oldest_waiting": Row(MANAGERS),
    "identity.undo": Row(MANAGERS, lambda world: {"link": world.identity, "reason": ""}, TOLD_WHY),
    "identity.redo": Row(MANAGERS, lambda world: {"link": world.identity}, TOLD_WHY),
    "imports.failed_rows": Row(CAMPAIGNERS, new_import, is_get=True),
    "imports.preview": Row(CAMPAIGNERS, new_import),
    "imports.start": Row(CAMPAIGNERS, new_import),
    "imports.state": Row(CAMPAIGNERS, new_import),
    "imports.stop": Row(CAMPAIGNERS, new_import),
    "links.duplicate": Row(CAMPAIGNERS, link),
    "links.overview": Row(CAMPAIGNERS, link),
    "links.preview": Row(CAMPAIGNERS, lambda _: {"values": '{"destination_url": "https://example.com"}'}),
    "links.qr_code": Row(CAMPAIGNERS, link, is_get=True),
    "links.qr_sheet": Row(CAMPAIGNERS, lambda world: {"links": f'["{world.link.name}"]'}),
    "pending.deal_state": Row(CAMPAIGNERS, lambda world: {"deal": world.deal.name}, of_crm="deal"),
    "pending.deals": Row(CAMPAIGNERS),
    "settings.known_country": Row(MANAGERS),
    "settings.seen_address": Row(MANAGERS),
    "templates.preview": Row(
        CAMPAIGNERS, lambda _: {"url_template": "https://example.com", "variables": "[]", "values": "{}"}
    ),
    "tracker.page_view": Row(EVERYBODY, lambda _: {"url": f"{page_views.OWN}/about"}),
    "tracker.retry": Row(MANAGERS, nothing),
    "tracker.status": Row(MANAGERS),
    "visitors.journey": Row(CAMPAIGNERS, lambda world: {"visitor": world.visitor}),
}
# They answer for the CRM's own, and are asked as the CRM asks them: in ``test_crm_dashboard``.
OF_THE_CRM = {"crm_dashboard.get_dashboard", "crm_dashboard.reset_to_default"}
# {module and class.method: (DocType, who may)}
OF_DOCUMENTS = {
    "click_rejudgement.ClickRejudgement.continue_work": ("Click Rejudgement", MANAGERS),
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A record of everything that is asked about."""
    campaign, link = crm.campaign_link()
    visitor = crm.visited(link)
    lead = crm.insert_lead(visitor)
    organization = frappe.get_doc(
        doctype="CRM Organization", organization_name=factory.unique("Org")
    ).insert()
    deal = crm.insert_deal(lead, organization=organization.name)
    identity = frappe.db.get_value("Identity Link", {"visitor": visitor})
    made = {"campaign": campaign, "link": link, "visitor": visitor, "lead": lead, "deal": deal}
    yield World(**made, organization=organization, identity=identity)


def offered() -> set[str]:
    """All that can be called over HTTP, as module and name."""
    for module in pkgutil.walk_packages(trackflow.__path__, "trackflow."):
        importlib.import_module(module.name)
    return {
        f"{function.__module__}.{function.__qualname__}"
        for function in frappe.whitelisted
        if function.__module__.startswith("trackflow.")
    }


def test_every_method_has_its_row() -> None:
    of_documents = {name for name in offered() if not name.startswith(API)}
    assert {name.removeprefix(API) for name in offered() - of_documents} == {*METHODS} | OF_THE_CRM
    assert {".".join(name.split(".")[-3:]) for name in of_documents} == {*OF_DOCUMENTS}


def test_those_that_anybody_may_call_are_few() -> None:
    for_guests = {
        f"{function.__module__}.{function.__qualname__}".removeprefix(API)
        for function in frappe.guest_methods
        if function.__module__.startswith("trackflow.")
    }
    assert for_guests == {name for name, row in METHODS.items() if by_role.GUEST in row.allowed}


@crm.needs_crm
@pytest.mark.parametrize("name", METHODS)
def test_who_may_call_it(name: str, world: World) -> None:
    row = METHODS[name]
    allowed = set(row.allowed) | (by_role.readers(getattr(world, row.of_crm)) if row.of_crm else set())
    answers = {kind: call(kind, API + name, row.asked(world), row.is_get) for kind in KINDS}
    refused = {kind for kind, answer in answers.items() if by_role.is_refused(answer)}
    assert refused == set(KINDS) - allowed, {kind: answer.status_code for kind, answer in answers.items()}
    for kind in allowed:
        assert answers[kind].status_code in {200, 204, row.status}, answers[kind].text[-600:]


@pytest.mark.parametrize("name", OF_DOCUMENTS)
def test_who_may_call_it_on_a_document(name: str) -> None:
    doctype, allowed = OF_DOCUMENTS[name]
    doc = frappe.get_doc(doctype=doctype, from_date="2020-01-01", to_date="2020-01-01").insert()
    frappe.db.commit()
    asked = {"dt": doctype, "dn": doc.name, "method": name.rpartition(".")[2]}
    for kind in KINDS:
        answer = call(kind, "run_doc_method", asked)
        assert (by_role.is_refused(answer), answer.status_code < 500) == (kind not in allowed, True), kind


def call(kind: str, method: str, asked: dict, is_get: bool = False) -> Any:
    client, address = by_role.client_of(kind), f"/api/method/{method}"
    # Page views are taken from pages of the site.
    headers = {"Origin": page_views.OWN}
    if is_get:
        return client.get(address, params=asked, headers=headers)
    return client.post(address, data=asked, headers=headers)


@pytest.mark.parametrize("kind", [by_role.NOBODY, "Sales User"])
def test_who_may_not_read_links_changes_none_and_is_told_no_titles(kind: str) -> None:
    link = factory.make_link(title=factory.unique("Secret"))
    asked = {"links": f'["{link.name}"]', "status": "Paused"}
    answer = call(kind, f"{API}bulk.set_link_status", asked)
    assert answer.json()["message"]["changed"] == 0
    assert link.title not in answer.text
    frappe.db.commit()
    assert frappe.db.get_value("Tracked Link", link.name, "status") == "Active"
