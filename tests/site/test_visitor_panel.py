"""The journey of a visitor, as the form shows it."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import crm_factory, factory
from trackflow.api import visitors as api
from trackflow.integrations.crm import values
from trackflow.panels import visitor as panel


def key(entry):
    return entry["doctype"], entry["name"]


def test_visits_clicks_events_and_conversions_stand_in_one_order(site, monkeypatch):
    monkeypatch.setattr(values, "company_currency", lambda: "XTS")
    campaign, link = crm_factory.campaign_link()
    visitor = crm_factory.visited(link)
    now = now_datetime().replace(microsecond=0)
    frappe.get_doc(
        doctype="Visitor Event", visitor=visitor, event_type="Page View", timestamp=now, page_url="https://a.example"
    ).insert()  # fmt: skip
    frappe.get_doc(
        doctype="Conversion", visitor=visitor, conversion_type="Purchase", conversion_date=now + timedelta(seconds=1)
    ).insert()  # fmt: skip
    found = api.journey(visitor)
    assert [entry["doctype"] for entry in found["entries"]] == [
        "Visitor Session", "Click Event", "Visitor Event", "Conversion",
    ]  # fmt: skip
    assert found["entries"][1]["title"] == link.title
    assert found["entries"][0]["campaign"] == campaign.name
    assert found["entries"][3]["currency"] == "XTS"
    assert found["before"] is None
    assert not {"ip_address", "user_agent"} & {name for entry in found["entries"] for name in entry}


def test_pages_hold_everything_once_even_where_times_are_the_same(site):
    link = factory.make_link()
    visitor = factory.new_visitor()
    at = now_datetime().replace(microsecond=0) - timedelta(hours=1)
    for _round in range(3):
        # Double clicks are told as well.
        factory.put_clicks(link, [visitor] * panel.PAGE, at)
    factory.drain()
    pages, before = [], None
    while not pages or before:
        answer = api.journey(visitor, frappe.as_json(before) if before else None)
        pages.insert(0, answer["entries"])
        before = answer["before"]
    told = [key(entry) for page in pages for entry in page]
    assert len(told) == len(set(told)) == 3 * panel.PAGE + 1
    assert all(len(page) == panel.PAGE for page in pages[1:])
    assert told[0][0] == "Visitor Session"


def test_who_may_not_read_visitors_learns_nothing(site):
    link = factory.make_link()
    visitor = factory.new_visitor()
    factory.put_clicks(link, [visitor])
    factory.drain()
    frappe.set_user("Guest")
    try:
        with pytest.raises(frappe.PermissionError):
            api.journey(visitor)
    finally:
        frappe.set_user("Administrator")
