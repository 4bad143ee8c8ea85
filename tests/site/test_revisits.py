"""An open deal follows when its people come back, though nobody saves anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm
EARLIER = timedelta(hours=2)


@pytest.fixture(scope="module")
def links() -> list[Any]:
    return [crm.campaign_link(source=source)[1] for source in ("adverts", "newsletter")]


def credited_earlier(deal: Any) -> Any:
    """As if the deal had been credited two hours ago, and not changed since."""
    then = now_datetime() - EARLIER
    frappe.db.set_value("CRM Deal", deal.name, "modified", then - EARLIER, update_modified=False)
    frappe.db.set_value("Deal Journey", deal.name, "credited_at", then, update_modified=False)
    frappe.db.commit()
    return deal


def comes_back(link: Any, visitor: str) -> None:
    crm.visit(link, visitor, ago=timedelta(minutes=1))
    factory.drain()


def views_page(visitor: str) -> None:
    from trackflow import jobs, store

    url, at = "https://shop.example.com/?utm_source=blog", now_datetime() - timedelta(minutes=1)
    with jobs.read_committed():
        store.record_page_views([factory.page_view(visitor, url, at)])


def catch_up() -> None:
    from trackflow import credit

    credit.catch_up()
    crm.finish_jobs()


def sources(deal: Any) -> list[str]:
    return [row.source for row in crm.credits_of(deal, "Linear")]


def test_an_open_deal_gets_the_clicks_and_page_views_that_came_since(links: list[Any]) -> None:
    lead = crm.insert_lead(crm.visited(links[0]))
    by_lead, by_name = crm.convert(lead), crm.insert_deal(trackflow_visitor_id=crm.visited(links[0]))
    for deal in (by_lead, by_name):
        credited_earlier(deal)
    comes_back(links[1], lead.trackflow_visitor_id)
    views_page(by_name.trackflow_visitor_id)

    catch_up()

    assert sources(by_lead) == ["adverts", "newsletter"]
    assert sources(by_name) == ["adverts", "blog"]


def test_the_deal_of_a_colleague_who_comes_back_follows_too(links: list[Any]) -> None:
    firm = frappe.get_doc(doctype="CRM Organization", organization_name=factory.unique("Firm")).insert().name
    bea = crm.insert_lead(crm.visited(links[0]))
    crm.make_contact(bea.email, company_name=firm)
    deal = credited_earlier(crm.insert_deal(organization=firm))
    comes_back(links[1], bea.trackflow_visitor_id)

    catch_up()

    assert sources(deal) == ["adverts", "newsletter"]


def test_closed_deals_and_those_whose_people_stayed_away_are_left_alone(links: list[Any]) -> None:
    from trackflow.attribution import deal_journeys

    quiet = credited_earlier(crm.insert_deal(trackflow_visitor_id=crm.visited(links[0])))
    back_before = crm.visited(links[0])
    frappe.db.set_value(
        "Visitor",
        {"name": ("in", [quiet.trackflow_visitor_id])},
        "last_activity",
        now_datetime() - 2 * EARLIER,
    )
    closed = crm.insert_deal(trackflow_visitor_id=back_before, status="Lost")
    credited_earlier(closed)
    comes_back(links[1], back_before)

    assert not {quiet.name, closed.name} & set(deal_journeys.revisited())


def test_a_visitor_that_was_undone_lets_no_deal_follow(links: list[Any]) -> None:
    from trackflow import merges
    from trackflow.attribution import deal_journeys

    deal = crm.insert_deal(trackflow_visitor_id=crm.visited(links[0]))
    (link,) = crm.rows("Identity Link", crm_deal=deal.name)
    merges.undo(link.name, "A kiosk")
    frappe.db.commit()
    crm.finish_jobs()
    credited_earlier(deal)
    comes_back(links[1], deal.trackflow_visitor_id)

    assert deal.name not in deal_journeys.revisited()


def test_an_email_that_is_clicked_counts_at_once(links: list[Any]) -> None:
    address = crm.email()
    lead = crm.insert_lead(crm.visited(links[0]), email=address)
    deal = crm.convert(lead)
    log = frappe.get_doc(
        doctype="Email Campaign Log", campaign=links[1].campaign, recipient=address.upper()
    ).insert()
    frappe.db.commit()
    crm.finish_jobs()
    assert sources(deal) == ["adverts"]

    crm.save(log, clicked_date=now_datetime())
    assert sources(deal) == ["adverts", "newsletter"]

    frappe.delete_doc("Email Campaign Log", log.name)
    frappe.db.commit()
    crm.finish_jobs()
    assert sources(deal) == ["adverts"]
