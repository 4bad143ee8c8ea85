"""A campaign is duplicated with its links: new codes, nothing counted, everything else the same."""

from __future__ import annotations

import frappe
import pytest
from frappe.utils import add_days, getdate, today

from tests import harness
from tests.site import crm_factory, factory
from tests.site.factory import click, make_campaign, make_link, make_variant, new_visitor, unique
from trackflow.api import campaigns


def duplicate(campaign, user="Administrator", **values):
    frappe.db.commit()
    frappe.set_user(user)
    try:
        answer = campaigns.duplicate(campaign.name, **({"campaign_name": unique("Copy")} | values))
        frappe.db.commit()
        return answer
    finally:
        frappe.db.rollback()
        frappe.set_user("Administrator")


def links_of(campaign):
    frappe.db.commit()
    names = frappe.get_all(
        "Tracked Link", {"campaign": campaign}, pluck="name", order_by="creation asc, name asc"
    )
    return [frappe.get_doc("Tracked Link", name) for name in names]


def test_a_copy_is_like_the_original_but_with_codes_of_its_own_and_nothing_counted(site):
    campaign = make_campaign(budget=500, expected_roi=20, source="fair", campaign_type="Event")
    link = make_link(campaign=campaign.name, title="Stand", content="banner", redirect_status="307")
    factory.put_clicks(link, [new_visitor()])
    factory.drain()
    answer = duplicate(campaign)
    copy = frappe.get_doc("Link Campaign", answer["campaign"])
    assert (copy.budget, copy.source, copy.campaign_type, copy.total_clicks) == (500, "fair", "Event", 0)
    assert copy.campaign_id != campaign.campaign_id
    (new,) = links_of(copy.name)
    assert (new.title, new.content, new.redirect_status) == ("Stand", "banner", "307")
    assert (new.click_count, new.unique_visitor_count, new.last_click) == (0, 0, None)
    assert new.short_code not in ("", link.short_code)
    assert f"utm_campaign={copy.campaign_id}" in click(new).headers["Location"]
    assert answer == {"campaign": copy.name, "links": 1, "in_background": False}
    assert factory.counters(link) == (1, 1)


def test_variants_and_rules_come_along(site):
    campaign = make_campaign()
    link = make_link(campaign=campaign.name)
    make_variant(link, "A", "https://a.example/", weight=100)
    make_variant(link, "B", "https://b.example/", weight=0, active=0)
    frappe.db.set_value("Campaign Link Variant", {"tracked_link": link.name}, "clicks", 5)
    (new,) = links_of(duplicate(campaign)["campaign"])
    variants = frappe.get_all(
        "Campaign Link Variant", {"tracked_link": new.name}, ["variant_name", "weight", "active", "clicks"],
        order_by="variant_name asc", as_list=True,
    )  # fmt: skip
    assert variants == (("A", 100, 1, 0), ("B", 0, 0, 0))
    assert click(new).headers["Location"].startswith("https://a.example/")


def test_a_password_comes_along(site):
    campaign = make_campaign()
    make_link(campaign=campaign.name, password_protected=1, new_password="open sesame")
    (new,) = links_of(duplicate(campaign)["campaign"])
    client = harness.http_client()
    path = f"/r/{new.short_code}"
    assert client.get(path, allow_redirects=False).status_code == 200
    assert client.post(path, data={"password": "wrong"}, allow_redirects=False).status_code != 303
    assert client.post(path, data={"password": "open sesame"}, allow_redirects=False).is_redirect


def test_dates_of_campaign_and_links_move_together(site):
    start = getdate(today())
    campaign = make_campaign(start_date=start, end_date=add_days(start, 10))
    make_link(campaign=campaign.name, expiry_date=f"{add_days(start, 5)} 18:00:00")
    copy = frappe.get_doc("Link Campaign", duplicate(campaign, shift_days=30)["campaign"])
    assert (copy.start_date, copy.end_date) == (add_days(start, 30), add_days(start, 40))
    assert copy.status == "Draft"
    assert str(links_of(copy.name)[0].expiry_date) == f"{add_days(start, 35)} 18:00:00"


def test_archived_links_stay_behind_and_links_that_the_campaign_paused_run(site):
    campaign = make_campaign(pause_links_when_closed=1, start_date=add_days(today(), -9))
    make_link(campaign=campaign.name, title="running")
    make_link(campaign=campaign.name, title="paused", status="Paused")
    make_link(campaign=campaign.name, title="archived", status="Archived")
    factory.change(campaign, end_date=add_days(today(), -1))
    copy = duplicate(campaign, shift_days=30)["campaign"]
    assert sorted((link.title, link.status) for link in links_of(copy)) == [
        ("paused", "Paused"),
        ("running", "Active"),
    ]


def test_a_title_that_is_the_code_becomes_the_new_code(site):
    campaign = make_campaign()
    make_link(campaign=campaign.name)
    (new,) = links_of(duplicate(campaign)["campaign"])
    assert new.title == new.short_code


def test_many_links_are_copied_in_the_background_all_of_them(site, monkeypatch):
    monkeypatch.setattr("trackflow.campaign_copies.MANY", 2)
    campaign = make_campaign()
    for _ in range(3):
        make_link(campaign=campaign.name)
    answer = duplicate(campaign)
    assert (answer["links"], answer["in_background"]) == (3, True)
    harness.wait_until(lambda: len(links_of(answer["campaign"])) == 3)


def test_links_that_cannot_be_copied_leave_none_behind_and_the_timeline_says_so(site):
    from trackflow import campaign_copies

    campaign, target = make_campaign(), make_campaign()
    good, bad = make_link(campaign=campaign.name), make_link(campaign=campaign.name)
    frappe.db.set_value("Tracked Link", bad.name, "destination_url", "nonsense")
    frappe.db.commit()
    campaign_copies.copy_links([good.name, bad.name], target.name, 0)
    assert links_of(target.name) == []
    comments = frappe.get_all(
        "Comment", {"reference_name": target.name, "comment_type": "Comment"}, pluck="content"
    )
    assert "could not be copied" in comments[0]


def test_a_name_that_is_taken_is_refused_and_nothing_is_made(site):
    campaign = make_campaign()
    make_link(campaign=campaign.name)
    with pytest.raises(frappe.DuplicateEntryError):
        duplicate(campaign, campaign_name=campaign.name)
    assert len(links_of(campaign.name)) == 1


def test_copies_need_generated_codes(site):
    campaign = make_campaign()
    make_link(campaign=campaign.name)
    refused = pytest.raises(frappe.ValidationError, match="Turn on Auto Generate Short Codes")
    with factory.settings(auto_generate_short_codes=0), refused:
        duplicate(campaign)


def test_only_those_who_may_make_campaigns_can_duplicate_one(site):
    campaign = make_campaign()
    with pytest.raises(frappe.PermissionError):
        duplicate(campaign, crm_factory.a_user("Blogger"))
    answer = duplicate(campaign, crm_factory.a_user("Campaign Manager"))
    assert frappe.db.exists("Link Campaign", answer["campaign"])
