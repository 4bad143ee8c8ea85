"""Counters are exact, whoever saves what in the meantime."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import factory
from tests.site.factory import make_campaign, make_link, make_variant, new_visitor
from trackflow import ingest


def clicks_of_variant(variant):
    frappe.db.commit()
    return frappe.db.get_value("Campaign Link Variant", variant.name, "clicks")


def counted_from_events(doc):
    """(clicks, unique visitors) of a link or campaign, counted the slow way."""
    fieldname = {"Tracked Link": "tracked_link", "Link Campaign": "campaign"}[doc.doctype]
    frappe.db.commit()
    found = frappe.get_all("Click Event", {fieldname: doc.name, "verdict": "human"}, pluck="visitor_id")
    return len(found), len(set(found))


# ---------------------------------------------------------------- counting


def test_clicks_count_on_link_campaign_and_variant():
    campaign = make_campaign()
    link = make_link(campaign=campaign.name)
    variants = [make_variant(link, name, f"https://{name}.example/") for name in ("a", "b")]
    for name, number in (("a", 3), ("b", 2)):
        factory.put_clicks(link, [new_visitor() for _ in range(number)], variant=name)
    factory.drain()
    assert [clicks_of_variant(variant) for variant in variants] == [3, 2]
    assert factory.counters(link) == factory.counters(campaign) == (5, 5)


def test_a_visitor_is_unique_once_on_a_link_and_once_on_a_campaign_for_ever():
    campaign = make_campaign()
    links = [make_link(campaign=campaign.name) for _ in range(2)]
    who, long_ago = new_visitor(), now_datetime() - timedelta(days=700)
    for at in (long_ago, now_datetime()):
        for link in links:
            factory.put_clicks(link, [who], at=at)
        factory.drain()
    assert [factory.counters(link) for link in links] == [(2, 1), (2, 1)]
    assert factory.counters(campaign) == (4, 1)
    assert [event.is_unique for event in factory.events(links[0])] == [1, 0]


def test_a_visitor_stays_unique_after_the_events_were_deleted():
    link, who = make_link(), new_visitor()
    factory.put_clicks(link, [who], at=now_datetime() - timedelta(days=400))
    factory.drain()
    frappe.db.delete("Click Event", {"tracked_link": link.name})
    factory.put_clicks(link, [who])
    factory.drain()
    assert factory.counters(link) == (2, 1)


def test_the_last_click_of_a_link_is_its_latest_whatever_the_order():
    link, now = make_link(), now_datetime().replace(microsecond=0)
    for at in (now, now - timedelta(days=1)):
        factory.put_clicks(link, [new_visitor()], at=at)
        factory.drain()
    assert frappe.db.get_value("Tracked Link", link.name, "last_click") == now


def test_clicks_on_a_link_that_was_deleted_in_the_meantime_hold_up_nothing():
    gone, other = make_link(), make_link()
    for link in (gone, other):
        factory.put_clicks(link, [new_visitor()])
    frappe.delete_doc("Tracked Link", gone.name, force=True)
    frappe.db.commit()
    factory.drain()
    assert factory.counters(other) == (1, 1)
    assert len(factory.events(gone)) == 1


# ---------------------------------------------------------------- forms that were opened earlier


@pytest.fixture
def opened():
    """A campaign, its link and its variant as forms hold them, and then two clicks."""
    campaign = make_campaign()
    link = make_link(campaign=campaign.name)
    variant = make_variant(link, "a", "https://a.example/")
    forms = [frappe.get_doc(doc.doctype, doc.name) for doc in (campaign, link, variant)]
    factory.put_clicks(link, [new_visitor(), new_visitor()], variant="a")
    factory.drain()
    return forms


def test_saving_a_form_that_was_opened_earlier_does_not_turn_counters_back(opened):
    campaign, link, variant = opened
    for form in opened:
        form.save()
    frappe.db.commit()
    assert factory.counters(campaign) == factory.counters(link) == (2, 2)
    assert clicks_of_variant(variant) == 2
    assert frappe.db.get_value("Tracked Link", link.name, "last_click")


def test_counters_cannot_be_typed(opened):
    campaign, link, variant = opened
    campaign.update({"total_clicks": 99, "unique_visitors": 99, "revenue": 1e6, "conversions": 9})
    link.update({"click_count": 99, "unique_visitor_count": 99, "conversion_count": 9})
    variant.clicks = 99
    for form in opened:
        form.save()
    frappe.db.commit()
    assert factory.counters(campaign) == factory.counters(link) == (2, 2)
    assert clicks_of_variant(variant) == 2
    kept = frappe.db.get_value("Link Campaign", campaign.name, ["revenue", "conversions"])
    assert kept == (0, 0)


def test_new_links_and_campaigns_begin_at_nothing_whatever_is_sent():
    campaign = make_campaign(total_clicks=5, unique_visitors=5, revenue=5, conversions=5)
    link = make_link(click_count=5, unique_visitor_count=5, conversion_count=5, last_click=now_datetime())
    assert factory.counters(campaign) == factory.counters(link) == (0, 0)
    assert frappe.db.get_value("Tracked Link", link.name, "last_click") is None


def save_again_and_again(what):
    doctype, name = what
    for number in range(12):
        try:
            doc = frappe.get_doc(doctype, name)
            doc.update(
                {"title": f"Save {number}"} if doctype == "Tracked Link" else {"description": f"{number}"}
            )
            doc.save()
            frappe.db.commit()
        except (frappe.TimestampMismatchError, frappe.QueryDeadlockError):
            frappe.db.rollback()


def test_counters_stay_right_while_people_save_and_workers_count():
    campaign = make_campaign()
    link = make_link(campaign=campaign.name)
    work = [("save", (link.doctype, link.name)), ("save", (campaign.doctype, campaign.name))]
    work += [("click", number) for number in range(3)]

    def work_on(task):
        kind, what = task
        if kind == "save":
            return save_again_and_again(what)
        for _ in range(8):
            factory.put_clicks(link, [new_visitor() for _ in range(5)])
            ingest.drain()

    factory.in_threads(work_on, work)
    factory.drain()
    assert factory.counters(link) == counted_from_events(link) == (120, 120)
    assert factory.counters(campaign) == counted_from_events(campaign) == (120, 120)


def test_a_campaign_can_change_its_links_while_their_clicks_are_counted():
    """Who changes a campaign's source sees no error for it: a drain that meets another one begins anew by itself."""
    campaign = make_campaign()
    links = [make_link(campaign=campaign.name) for _ in range(10)]

    def work_on(is_form):
        if not is_form:
            return [count_some(links) for _ in range(20)]
        for number in range(20):
            factory.change(campaign, source=f"source-{number}")

    factory.in_threads(work_on, [True, False, False])
    factory.drain()
    assert factory.counters(campaign) == (400, 400)


def count_some(links):
    for link in links:
        factory.put_clicks(link, [new_visitor()])
    ingest.drain()
