"""What can be saved as a campaign, its figures, and what its links take over from it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import frappe
import pytest

from tests.site import factory
from tests.site.factory import click, make_campaign, make_link, new_visitor, unique

RATIOS = ["conversion_rate", "cost_per_click", "cost_per_acquisition", "roi_percentage"]


def ratios(campaign):
    frappe.db.commit()
    return [float(value) for value in frappe.db.get_value("Link Campaign", campaign.name, RATIOS)]


def utm(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


# ---------------------------------------------------------------- validation


def test_the_campaign_id_is_made_of_the_name():
    name = f"Früh & Späť: {unique()}!"
    assert make_campaign(campaign_name=name).campaign_id == f"fruh-spat-{name.split(': ')[1][:-1]}"


def test_a_campaign_id_that_was_typed_is_made_fit_for_urls():
    tail = unique()
    assert make_campaign(campaign_id=f"  Spring Sale_24 / {tail}").campaign_id == f"spring-sale_24-{tail}"


def test_a_campaign_id_needs_something_that_can_stand_in_a_url():
    with pytest.raises(frappe.ValidationError, match="Enter a Campaign ID of letters and digits"):
        make_campaign(campaign_name=f"夏のセール{'！' * 3}", campaign_id="")


def test_a_campaign_id_is_unique():
    campaign = make_campaign()
    with pytest.raises(frappe.UniqueValidationError):
        make_campaign(campaign_id=campaign.campaign_id)
    assert "Campaign ID must be unique" in str(frappe.message_log)


def test_a_campaign_name_is_unique():
    campaign = make_campaign()
    with pytest.raises(frappe.DuplicateEntryError):
        make_campaign(campaign_name=campaign.campaign_name)


def test_a_campaign_cannot_end_before_it_starts():
    with pytest.raises(frappe.ValidationError, match="The campaign ends before it starts"):
        make_campaign(start_date="2026-05-02", end_date="2026-05-01")
    assert make_campaign(start_date="2026-05-01", end_date="2026-05-01").name


# ---------------------------------------------------------------- figures


def test_the_cost_per_click_follows_the_clicks():
    campaign = make_campaign(budget=100)
    link = make_link(campaign=campaign.name)
    assert ratios(campaign) == [0, 0, 0, -100]
    factory.put_clicks(link, [new_visitor() for _ in range(8)])
    factory.drain()
    assert ratios(campaign) == [0, 12.5, 0, -100]


def test_all_ratios_follow_the_budget_when_it_changes():
    campaign = make_campaign(budget=100)
    figures = {"total_clicks": 50, "unique_visitors": 40, "credited_conversions": 4, "revenue": 900}
    frappe.db.set_value("Link Campaign", campaign.name, figures)
    frappe.db.commit()
    factory.change(campaign, budget=200)
    assert ratios(campaign) == [10, 4, 50, 350]
    factory.change(campaign, budget=0)
    assert ratios(campaign) == [10, 0, 0, 0]


def test_ratios_cannot_be_typed():
    campaign = make_campaign(budget=10)
    factory.change(campaign, roi_percentage=500, cost_per_click=7)
    assert ratios(campaign) == [0, 0, 0, -100]


# ---------------------------------------------------------------- what links take over


def test_a_changed_source_reaches_the_target_urls_and_the_redirect_at_once():
    campaign = make_campaign(source="old", medium="email")
    links = [make_link(campaign=campaign.name) for _ in range(3)]
    for link in links:
        assert utm(click(link).headers["Location"])["utm_source"] == "old"
    factory.change(campaign, source="new", medium="print")
    for link in links:
        target = frappe.db.get_value("Tracked Link", link.name, "target_url")
        location = click(link).headers["Location"]
        assert location == target
        assert (utm(location)["utm_source"], utm(location)["utm_medium"]) == ("new", "print")


def test_a_link_with_a_source_of_its_own_keeps_it():
    campaign = make_campaign(source="old")
    link = make_link(campaign=campaign.name, source="own")
    factory.change(campaign, source="new")
    assert utm(click(link).headers["Location"])["utm_source"] == "own"


def test_a_changed_campaign_id_reaches_links_and_new_events():
    campaign = make_campaign()
    link = make_link(campaign=campaign.name)
    click(link)
    new = unique("id")
    factory.change(campaign, campaign_id=new)
    assert frappe.db.get_value("Tracked Link", link.name, "campaign_id") == new
    assert utm(click(link).headers["Location"])["utm_campaign"] == new
    factory.drain()
    assert [event.utm_campaign for event in factory.events(link)] == [campaign.campaign_id, new]


def test_a_source_that_is_taken_away_disappears_from_the_links():
    campaign = make_campaign(source="old")
    link = make_link(campaign=campaign.name)
    factory.change(campaign, source="")
    assert "utm_source" not in utm(click(link).headers["Location"])


def test_variants_follow_their_campaign_too():
    campaign = make_campaign(source="old")
    link = make_link(campaign=campaign.name)
    factory.make_variant(link, "only", "https://only.example/")
    assert utm(click(link).headers["Location"])["utm_source"] == "old"
    factory.change(campaign, source="new")
    assert utm(click(link).headers["Location"])["utm_source"] == "new"


def test_links_of_other_campaigns_are_left_alone():
    campaign, other = make_campaign(source="one"), make_campaign(source="two")
    link = make_link(campaign=other.name)
    before = frappe.db.get_value("Tracked Link", link.name, ["target_url", "modified"])
    factory.change(campaign, source="new")
    assert frappe.db.get_value("Tracked Link", link.name, ["target_url", "modified"]) == before


def test_a_link_that_moves_to_another_campaign_counts_there_from_then_on():
    first, second = make_campaign(), make_campaign()
    link = make_link(campaign=first.name)
    click(link)
    factory.change(link, campaign=second.name)
    click(link)
    factory.drain()
    assert [event.campaign for event in factory.events(link)] == [first.name, second.name]
    assert factory.counters(first) == factory.counters(second) == (1, 1)


def test_a_campaign_with_links_cannot_be_deleted():
    campaign = make_campaign()
    make_link(campaign=campaign.name)
    with pytest.raises(frappe.LinkExistsError):
        frappe.delete_doc("Link Campaign", campaign.name)
