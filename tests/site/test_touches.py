"""What counts as a touch besides a click: page views, emails, conversions on the way, and what people note."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm

SHOP = "https://shop.example.com/"


@pytest.fixture(scope="module")
def links() -> list[Any]:
    return [crm.campaign_link(source=source)[1] for source in ("adverts", "partner")]


def view(visitor: str, at: datetime, url: str = SHOP, referrer: str = "") -> Any:
    return factory.page_view(visitor, url, at, referrer=referrer)


def record(*views: Any) -> None:
    """As the tracker will call it."""
    from trackflow import jobs, store

    with jobs.read_committed():
        store.record_page_views(views)


def ago(**delta: float) -> datetime:
    return now_datetime() - timedelta(**delta)


def kinds_of(deal: Any) -> list[tuple[str, str]]:
    """(touch type, source) of a deal's credits under Linear, in their order."""
    return [(row.touch_type, row.source) for row in crm.credits_of(deal, "Linear")]


# ---------------------------------------------------------------- page views


def test_page_views_make_visitors_sessions_and_events() -> None:
    visitor, begun = factory.new_visitor(), ago(hours=2)
    first = view(visitor, begun, f"{SHOP}?utm_source=adverts&utm_medium=cpc", "https://www.google.com/")
    second = view(visitor, begun + timedelta(minutes=2), f"{SHOP}cart", SHOP)

    record(first, second)
    record(second)

    seen = frappe.get_doc("Visitor", visitor)
    assert (seen.page_views, seen.session_count, seen.click_count, seen.source) == (2, 1, 0, "adverts")
    assert (seen.first_seen, seen.last_seen, seen.engagement_score) == (first.at, second.at, 7)
    (session,) = crm.rows("Visitor Session", visitor_id=visitor)
    assert (session.page_views, session.is_bounce, session.duration_seconds) == (2, 0, 120)
    assert (session.entry_page, session.exit_page) == (first.url, second.url)
    events = crm.rows("Visitor Event", order_by="timestamp asc", visitor=visitor)
    assert [(row.name, row.session, row.page_url) for row in events] == [
        (one.name, session.name, one.url) for one in (first, second)
    ]
    assert frappe.parse_json(events[0].event_data)["consent"] == "Not Required"


def test_a_page_view_that_begins_a_visit_from_somewhere_is_a_touch() -> None:
    visitor = factory.new_visitor()
    record(
        view(visitor, ago(days=3), f"{SHOP}?utm_source=adverts&utm_campaign=summer"),
        view(visitor, ago(days=3) + timedelta(minutes=1), f"{SHOP}cart", SHOP),
        view(visitor, ago(days=2), referrer="https://www.blog.example/post"),
        view(visitor, ago(days=1)),
    )

    deal = crm.insert_deal(trackflow_visitor_id=visitor)

    assert kinds_of(deal) == [("Page View", "adverts"), ("Page View", "blog.example")]
    assert crm.credits_of(deal, "Linear")[0].campaign == "summer"
    assert not any(row.click_event for row in crm.credits_of(deal, "Linear"))
    assert deal.trackflow_touch_count == 2


@pytest.mark.parametrize("page_comes_first", [False, True])
def test_the_landing_page_of_a_short_link_is_no_second_touch(
    links: list[Any], page_comes_first: bool
) -> None:
    from trackflow import links as tracked

    visitor, at = factory.new_visitor(), ago(hours=1)
    landing = view(visitor, at + timedelta(seconds=1), tracked.load(links[0].short_code).target_url)
    if page_comes_first:
        record(landing)
    crm.visit(links[0], visitor, at=at)
    factory.drain()
    if not page_comes_first:
        record(landing)

    deal = crm.insert_deal(trackflow_visitor_id=visitor)

    assert kinds_of(deal) == [("Click", "adverts")]
    (session,) = crm.rows("Visitor Session", visitor_id=visitor)
    assert (session.click_count, session.page_views, session.campaign) == (1, 1, links[0].campaign)


# ---------------------------------------------------------------- emails


def test_a_click_in_an_email_counts_and_opening_it_does_not(links: list[Any]) -> None:
    address = crm.email()
    lead = crm.insert_lead(crm.visited(links[0]), email=address)
    sent = {"doctype": "Email Campaign Log", "campaign": links[1].campaign, "recipient": address}
    frappe.get_doc(sent | {"opened_date": ago(minutes=30)}).insert()
    frappe.get_doc(sent | {"clicked_date": ago(minutes=20)}).insert()
    frappe.get_doc(sent | {"clicked_date": ago(minutes=10), "recipient": crm.email()}).insert()

    deal = crm.convert(lead)

    assert kinds_of(deal) == [("Click", "adverts"), ("Email", "partner")]
    assert deal.trackflow_campaign == links[1].campaign
    assert deal.trackflow_visitor_id == lead.trackflow_visitor_id


def test_the_short_link_in_an_email_counts_once(links: list[Any]) -> None:
    address, visitor, at = crm.email(), factory.new_visitor(), ago(hours=1)
    crm.visit(links[0], visitor, at=at)
    factory.drain()
    values = {"recipient": address, "tracked_link": links[0].name, "clicked_date": at + timedelta(seconds=1)}
    frappe.get_doc(doctype="Email Campaign Log", **values).insert()

    lead = crm.insert_lead(visitor, email=address)

    assert (lead.trackflow_touch_count, lead.trackflow_source) == (1, "adverts")


# ---------------------------------------------------------------- conversions on the way


def test_a_conversion_on_the_way_counts_for_what_brought_the_visitor(links: list[Any]) -> None:
    lead = crm.insert_lead(crm.visited(links[0]))
    deal = crm.convert(lead)
    assert kinds_of(deal) == [("Click", "adverts")], "the conversion Lead is the milestone itself"

    made = {
        "conversion_type": "Webinar",
        "visitor": lead.trackflow_visitor_id,
        "conversion_date": ago(minutes=1),
    }
    frappe.get_doc(doctype="Conversion", **made).insert()
    frappe.db.commit()
    crm.finish_jobs()

    assert kinds_of(deal) == [("Click", "adverts"), ("Conversion", "adverts")]
    assert crm.shares_of(deal, "Linear")[links[0].name][0] == 50


# ---------------------------------------------------------------- what people note


def note(deal: Any, link: Any, **values: Any) -> Any:
    made = {"deal_id": deal.name, "tracked_link": link.name, "association_type": "Manual"} | values
    doc = frappe.get_doc(doctype="Deal Link Association", **made).insert()
    frappe.db.commit()
    crm.finish_jobs()
    return doc


def test_what_was_noted_by_hand_earns_by_its_date_and_weight(links: list[Any]) -> None:
    fair = crm.direct_link()
    deal = crm.insert_deal(value=100, trackflow_visitor_id=crm.visited(*links))

    noted = note(deal, fair, attribution_weight=0.5, touch_date=ago(days=10))

    assert kinds_of(deal) == [("Offline", "offline"), ("Click", "adverts"), ("Click", "partner")]
    assert crm.shares_of(deal, "Linear") == {
        fair.name: (20.0, 20.0), links[0].name: (40.0, 40.0), links[1].name: (40.0, 40.0),
    }  # fmt: skip
    assert set(crm.shares_of(deal, "First Touch")) == {fair.name}
    deal = crm.fresh(deal)
    assert deal.trackflow_first_touch_date == noted.touch_date
    assert len(crm.rows("Deal Link Association", deal_id=deal.name, tracked_link=fair.name)) == 1

    noted.delete()
    frappe.db.commit()
    crm.finish_jobs()
    assert fair.name not in crm.shares_of(deal, "Linear")


@pytest.mark.parametrize("values", [{}, {"attribution_weight": 1, "touch_date": "2001-01-01"}])
def test_a_note_without_weight_or_before_the_window_earns_nothing(
    links: list[Any], values: dict[str, Any]
) -> None:
    fair = crm.direct_link()
    deal = crm.insert_deal(trackflow_visitor_id=crm.visited(links[0]))
    note(deal, fair, **values)
    assert set(crm.shares_of(deal, "Linear")) == {links[0].name}


def test_a_deal_with_nothing_but_a_note_is_won_without_a_visitor(links: list[Any]) -> None:
    deal = crm.insert_deal(value=100)
    note(deal, links[0], attribution_weight=1)

    deal = crm.save(deal, status="Won")

    assert crm.shares_of(deal, "Last Touch") == {links[0].name: (100.0, 100.0)}
    assert deal.trackflow_touch_count == 1
    assert crm.conversions_of(deal) == []


# ---------------------------------------------------------------- consent


def test_what_comes_after_consent_was_withdrawn_does_not_count_and_what_was_before_stays(
    http: Any, links: list[Any]
) -> None:
    form = crm.make_web_form()
    with factory.settings(cookie_consent_required=1):
        http.cookies.set("trackflow_consent", "granted")
        factory.click(links[0], http)
        lead = crm.send_form(http, form)
        http.cookies.set("trackflow_consent", "denied")
        factory.click(links[1], http)
        factory.drain()
        again = crm.send_form(http, form, email=lead.email)
        deal = crm.convert(lead)

    assert lead.trackflow_visitor_id and not again.trackflow_visitor_id
    assert kinds_of(deal) == [("Click", "adverts")]
    assert deal.trackflow_touch_count == 1
    assert len(factory.events(links[1])) >= 1, "the click itself is there, of somebody unknown"
