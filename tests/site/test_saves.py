"""Saving a lead or deal never fails and never waits because of TrackFlow, and what it missed comes later."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import frappe
import pytest
from frappe.utils import now_datetime

from tests import harness
from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm
# Far less than any lock would make somebody wait, and more than a save takes on a busy machine.
NO_WAIT_SECONDS = 8


@contextmanager
def held(*statements: tuple[str, Any]) -> Iterator[None]:
    """Let somebody else run statements, and keep the locks that they take."""
    is_held, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        frappe.init(harness.SITE)
        frappe.connect()
        try:
            for statement, values in statements:
                frappe.db.sql(statement, values)
            is_held.set()
            is_over.wait(120)
            frappe.db.sql("UNLOCK TABLES")
        finally:
            frappe.db.rollback()
            frappe.destroy()

    thread = threading.Thread(target=hold)
    frappe.db.commit()
    thread.start()
    assert is_held.wait(30)
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@pytest.fixture
def brought() -> tuple[Any, Any, str]:
    """A campaign, its link and the visitor that it brought an hour ago."""
    campaign, link = crm.campaign_link()
    return campaign, link, crm.visited(link)


def seconds(work: Any) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


@pytest.mark.parametrize(
    "statement",
    [
        "LOCK TABLES `tabDeal Stage Change` WRITE",
        "LOCK TABLES `tabCredit Request` WRITE",
        "SELECT name FROM `tabCredit Request` FOR UPDATE",
        "SELECT name FROM `tabDeal Stage Change` FOR UPDATE",
    ],
)
def test_a_lock_on_our_tables_holds_up_no_save(statement: str, brought: tuple[Any, Any, str]) -> None:
    from trackflow import credit

    campaign, _link, visitor = brought
    deal = crm.insert_deal(value=100, trackflow_visitor_id=visitor)
    with held((statement, ())):
        took = seconds(lambda: crm.save(deal, wait=False, status="Won"))
        assert took < NO_WAIT_SECONDS
        assert crm.fresh(deal).status == "Won"
    crm.finish_jobs()
    credit.catch_up()

    stages = crm.rows("Deal Stage Change", "change_date asc, creation asc", deal_id=deal.name)
    assert [row.to_stage for row in stages] == ["Qualification", "Won"]
    assert stages[-1].changed_by == "Administrator"
    assert {row.is_won for row in crm.rows("Deal Attribution", deal_id=deal.name)} == {1}
    frappe.db.commit()
    assert frappe.db.get_value("Link Campaign", campaign.name, "revenue") == 100


def test_crediting_a_deal_holds_up_nobody_who_saves_it(brought: tuple[Any, Any, str]) -> None:
    """The job waits for the campaign, which a drain may hold for long; whoever saves the deal does not."""
    campaign, _link, visitor = brought
    deal = crm.insert_deal(value=100, trackflow_visitor_id=visitor)
    with held(("SELECT name FROM `tabLink Campaign` WHERE name = %s FOR UPDATE", campaign.name)):
        job = threading.Thread(target=factory.in_threads, args=(_credit, [deal.name]))
        job.start()
        harness.wait_until(_waits_for_lock, timeout=30)
        took = [seconds(lambda: crm.save(deal, wait=False, next_step="Call")) for _ in range(3)]
    job.join()

    assert max(took) < NO_WAIT_SECONDS
    assert crm.fresh(deal).next_step == "Call"


def _credit(deal: str) -> None:
    from trackflow import credit

    credit.credit_deal(deal)


def _waits_for_lock() -> bool:
    frappe.db.commit()
    waiting = "SELECT info FROM information_schema.processlist WHERE info LIKE %s AND id != CONNECTION_ID()"
    return bool(frappe.db.sql(waiting, "SELECT%Link Campaign%FOR UPDATE%"))


@pytest.fixture
def broken() -> Iterator[Any]:
    """A model that was well when it was made, and is not now."""
    model = frappe.get_doc(
        doctype="Attribution Model", model_name=factory.unique("Broken"), model_type="Custom",
        custom_rules='{"otherwise": 2, "first": 3}',
    ).insert()  # fmt: skip
    frappe.db.commit()
    crm.finish_jobs()
    set_rules(model, '{"channels": 3}')
    yield model
    set_rules(model, '{"otherwise": 2}')
    factory.change(model, is_active=0)
    crm.finish_jobs()
    frappe.delete_doc("Attribution Model", model.name)
    frappe.db.commit()


def test_a_model_that_fails_takes_nobody_along_and_is_done_later(
    brought: tuple[Any, Any, str], broken: Any
) -> None:
    from trackflow import credit

    _campaign, link, visitor = brought
    before = now_datetime()

    deal = crm.insert_deal(value=100, status="Won", trackflow_visitor_id=visitor)

    assert crm.shares_of(deal, "Linear") == {link.name: (100.0, 100.0)}
    state = credit.state(deal.name)
    assert (state["is_pending"], broken.name in state["message"]) == (False, True)
    assert state["failed_at"] >= before.replace(microsecond=0)

    set_rules(broken, '{"otherwise": 2}')
    credit.catch_up()

    assert crm.shares_of(deal, broken.name) == {link.name: (100.0, 100.0)}
    assert credit.state(deal.name) == {"is_pending": False, "failed_at": None, "message": ""}


def test_credit_that_failed_is_tried_again_when_somebody_asks(
    brought: tuple[Any, Any, str], broken: Any
) -> None:
    from trackflow.api import attribution

    deals = [crm.insert_deal(value=100, status="Won", trackflow_visitor_id=brought[2]) for _ in range(2)]
    requests = [crm.rows("Credit Request", reference_name=deal.name)[0].name for deal in deals]
    set_rules(broken, '{"otherwise": 2}')

    assert attribution.retry([requests[0], "no such request"]) == 1
    frappe.db.commit()
    crm.finish_jobs()

    assert [_has_credit(deal, broken) for deal in deals] == [True, False]
    assert not crm.rows("Credit Request", reference_name=deals[0].name)
    assert attribution.retry() >= 1
    frappe.db.commit()
    crm.finish_jobs()
    assert _has_credit(deals[1], broken)


def _has_credit(deal: Any, model: Any) -> bool:
    return bool(crm.rows("Deal Attribution", deal_id=deal.name, attribution_model=model.name))


def test_nobody_without_the_right_has_credit_tried_again(http: Any) -> None:
    assert http.post("/api/method/trackflow.api.attribution.retry", json={}).status_code == 403


def set_rules(model: Any, rules: str) -> None:
    """As somebody might who knows better than the form."""
    frappe.db.set_value("Attribution Model", model.name, "custom_rules", rules)
    frappe.clear_document_cache("Attribution Model", model.name)
    frappe.db.commit()


def test_a_deal_is_said_to_be_recomputed_until_it_is(brought: tuple[Any, Any, str]) -> None:
    from trackflow import credit
    from trackflow.api import pending

    deal = crm.insert_deal(value=100, trackflow_visitor_id=brought[2])
    assert not credit.is_pending(deal.name)
    with held(("LOCK TABLES `tabDeal Attribution` WRITE", ())):
        crm.save(deal, wait=False, status="Negotiation")
        assert credit.is_pending(deal.name)
        assert pending.deals()["deals"][deal.name] is False
        assert pending.deal_state(deal.name)["is_pending"]
    crm.finish_jobs()

    assert not credit.is_pending(deal.name)
    assert deal.name not in pending.deals()["deals"]


def test_one_request_stands_for_many_saves(brought: tuple[Any, Any, str]) -> None:
    deal = crm.insert_deal(value=100, trackflow_visitor_id=brought[2])
    doc = crm.fresh(deal)
    for value in (1, 2, 3):
        doc.update({crm.value_field(): value})
        doc.save()
    assert frappe.db.count("Credit Request", {"reference_name": deal.name}) == 1
    frappe.db.commit()
    crm.finish_jobs()
    assert {row.attribution_value for row in crm.rows("Deal Attribution", deal_id=deal.name)} == {3}


def test_who_may_not_see_attribution_is_told_nothing() -> None:
    from trackflow.api import pending

    deal = crm.insert_deal(wait=False)
    frappe.set_user("Guest")
    try:
        with pytest.raises(frappe.PermissionError):
            pending.deals()
        with pytest.raises(frappe.PermissionError):
            pending.deal_state(deal.name)
    finally:
        frappe.set_user("Administrator")
    crm.finish_jobs()
