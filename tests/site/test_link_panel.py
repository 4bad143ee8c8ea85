"""What the form of a tracked link shows beside its fields."""

from __future__ import annotations

import json

import frappe
import pytest
from frappe.utils import add_days, now_datetime, today

from tests.site import factory
from trackflow.api import links as api


def preview(**values):
    return api.preview(json.dumps(values))


def test_preview_is_what_the_saved_link_redirects_to(site):
    campaign = factory.make_campaign()
    values = {
        "destination_url": "https://shop.example.com/größe?size=9#top",
        "campaign": campaign.name,
        "content": "green button",
        "additional_parameters": '{"ref": "spring"}',
    }
    shown = preview(**values)
    assert shown["problem"] == ""
    link = factory.make_link(values.pop("destination_url"), **values)
    assert factory.click(link).headers["Location"] == shown["url"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"destination_url": "ftp://example.com"}, "http"),
        ({"destination_url": "https://example.com", "additional_parameters": "[1"}, "names and values"),
        ({"destination_url": "https://example.com", "additional_parameters": "[1]"}, "names and values"),
    ],
)
def test_preview_says_what_is_wrong(site, values, sentence):
    shown = preview(**values)
    assert shown["url"] == ""
    assert sentence in shown["problem"]


def test_preview_of_nothing_is_nothing(site):
    assert preview(destination_url="") == {"url": "", "problem": ""}


def test_overview_counts_days_parts_and_tells_the_last_clicks(site):
    link = factory.make_link()
    now = now_datetime()
    visitors = [factory.new_visitor() for _each in range(3)]
    factory.put_clicks(link, visitors[:2], now, referrer="https://www.news.example/a")
    factory.put_clicks(link, visitors[2:], add_days(now, -3), user_agent=factory.IPHONE)
    factory.put_clicks(link, visitors[2:], add_days(now, -40))
    factory.put_clicks(link, [factory.new_visitor()], now, user_agent=factory.GOOGLEBOT)
    factory.drain()
    found = api.overview(link.name)

    assert [day["date"] for day in found["days"]][-1] == today()
    assert len(found["days"]) == 30
    by_day = {day["date"]: (day["clicks"], day["visitors"]) for day in found["days"] if day["clicks"]}
    assert by_day[today()] == (2, 2)
    # The third visitor came first 40 days ago.
    assert by_day[add_days(today(), -3)][0] == 1
    assert sum(clicks for clicks, _visitors in by_day.values()) == 3

    assert found["counted"] == 4
    assert found["parts"]["referrer"] == [["None", 2], ["news.example", 2]]
    assert ["Mobile", 1] in found["parts"]["device_type"]
    assert len(found["clicks"]) == 5
    assert {click.verdict for click in found["clicks"]} == {"human", "bot"}
    assert not {"ip_address", "user_agent"} & set(found["clicks"][0])


def test_variants_get_their_share_of_visitors(site):
    link = factory.make_link()
    for name, weight, active in (("A", 30, 1), ("B", 10, 1), ("C", 60, 0)):
        factory.make_variant(link, name, f"https://{name}.example/", weight=weight, active=active)
    shares = {row["variant_name"]: row["share"] for row in api.overview(link.name)["variants"]}
    assert shares == {"A": 0.75, "B": 0.25, "C": 0}


def test_duplicate_has_a_code_of_its_own_the_variants_and_no_counts(site):
    link = factory.make_link(campaign=factory.make_campaign().name, title="Poster", status="Paused")
    factory.make_variant(link, "A", "https://a.example/")
    copy = frappe.get_doc("Tracked Link", api.duplicate(link.name))
    assert (copy.title, copy.campaign, copy.status) == ("Poster", link.campaign, "Active")
    assert copy.short_code != link.short_code
    assert copy.click_count == 0
    assert frappe.db.count("Campaign Link Variant", {"tracked_link": copy.name}) == 1


def test_who_may_not_read_links_learns_nothing(site):
    link = factory.make_link()
    calls = (
        lambda: preview(destination_url="https://a.example"),
        lambda: api.overview(link.name),
        lambda: api.duplicate(link.name),
    )
    frappe.set_user("Guest")
    try:
        for call in calls:
            # Frappe says it in one way or the other, from version to version.
            with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
                call()
    finally:
        frappe.set_user("Administrator")
