"""The charts of the workspace, and the checklist of a new site."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import frappe
import pytest
from frappe.permissions import add_user_permission
from frappe.utils import add_days, getdate

from tests.site import crm_factory as crm
from tests.site import factory
from tests.site.report_data import Season
from trackflow import onboarding
from trackflow.api import charts


@pytest.fixture(scope="module")
def season() -> Season:
    return Season()


def days_ago(number: int) -> object:
    return add_days(getdate(), -number)


def as_user(*roles: str) -> None:
    frappe.set_user(crm.a_user(*roles))


# ---------------------------------------------------------------- charts


def test_clicks_by_day_are_those_of_the_events(site, season: Season) -> None:
    data = charts.clicks_by_day(json.dumps({"days": "30", "campaign": season.ads.name}))
    clicks, visitors = (each["values"] for each in data["datasets"])
    assert len(data["labels"]) == len(clicks) == len(visitors) == 30
    of_events = Counter(
        getdate(event.click_timestamp)
        for link in (season.a1, season.a2)
        for event in factory.events(link)
        if event.verdict == "human"
    )
    assert clicks == [of_events[days_ago(29 - place)] for place in range(30)]
    # One and two came 12 days ago for the first time.
    assert (sum(visitors), visitors[29 - 12]) == (2, 2)


def test_who_clicks_two_links_is_one_new_visitor(site) -> None:
    visitor, links = factory.new_visitor(), [factory.make_link(), factory.make_link()]
    before = new_visitors_today()
    for link in links:
        factory.put_clicks(link, [visitor])
    factory.drain()
    assert new_visitors_today() == before + 1


def new_visitors_today() -> int:
    frappe.db.commit()
    data = charts.clicks_by_day({"days": 1})
    return data["datasets"][1]["values"][-1] if data else 0


def test_sources_are_the_links_else_the_campaigns(site, season: Season) -> None:
    own = factory.make_link(campaign=season.ads.name, source=factory.unique("flyer"))
    factory.put_clicks(own, [factory.new_visitor()])
    factory.drain()
    data = charts.clicks_by_source({"days": 90, "campaign": season.ads.name})
    found = dict(zip(data["labels"], data["datasets"][0]["values"], strict=True))
    assert found == {season.source: 4, own.source: 1}


def test_sources_with_few_clicks_are_put_together(site) -> None:
    campaign = factory.make_campaign()
    for number in range(1, 8):
        link = factory.make_link(campaign=campaign.name, source=f"source {number}")
        factory.put_clicks(link, [factory.new_visitor() for _each in range(number)])
    factory.drain()
    data = charts.clicks_by_source({"days": 7, "campaign": campaign.name})
    assert data["labels"] == ["source 7", "source 6", "source 5", "source 4", "source 3", "others"]
    assert data["datasets"][0]["values"] == [7, 6, 5, 4, 3, 3]


def test_credited_value_is_that_of_the_credits(site, season: Season) -> None:
    # Somebody who sees these two campaigns only.
    manager = crm.make_user("Campaign Manager")
    for campaign in (season.ads, season.news):
        add_user_permission("Link Campaign", campaign.name, manager)
    frappe.set_user(manager)
    data = charts.campaigns_by_credited_value({"days": 7, "attribution_model": "First Touch"})
    frappe.set_user("Administrator")
    found = dict(zip(data["labels"], data["datasets"][0]["values"], strict=True))
    amounts = frappe.get_all(
        "Deal Attribution Credit",
        {"campaign": season.ads.name, "parent": ("in", attributions(season, "First Touch"))},
        pluck="amount",
        order_by="name asc",
    )
    assert set(found) == {season.ads.name}
    assert found[season.ads.name] == pytest.approx(sum(amounts)) == pytest.approx(1090.03)


def attributions(season: Season, model: str) -> list[str]:
    deals = [deal.name for deal in season.deals]
    filters = {"deal_id": ("in", deals), "attribution_model": model, "is_won": 1}
    return frappe.get_all("Deal Attribution", filters, pluck="name", order_by="name asc")


def test_days_that_cannot_be_are_refused(site) -> None:
    for days in ("-1", "4000"):
        with pytest.raises(frappe.ValidationError, match="Last Days"):
            charts.clicks_by_day({"days": days})


def test_who_may_not_see_sums_sees_no_chart(site, season: Season) -> None:
    as_user("Sales User")
    for chart in (charts.clicks_by_day, charts.clicks_by_source, charts.campaigns_by_credited_value):
        with pytest.raises(frappe.PermissionError):
            chart({})
    for name in ("Clicks by Day", "Clicks by Source", "Campaigns by Credited Value"):
        assert not frappe.has_permission("Dashboard Chart", doc=frappe.get_doc("Dashboard Chart", name))


def test_a_campaign_manager_sees_them(site, season: Season) -> None:
    as_user("Campaign Manager")
    for name in ("Clicks by Day", "Clicks by Source", "Campaigns by Credited Value"):
        doc = frappe.get_doc("Dashboard Chart", name)
        assert frappe.has_permission("Dashboard Chart", doc=doc)
        assert doc.source == name
    assert charts.campaigns_by_credited_value({})["labels"]


# ---------------------------------------------------------------- checklist


@pytest.fixture
def unticked(site) -> Iterator[None]:
    """A checklist with nothing ticked, in a transaction that is undone."""
    for step in onboarding.STEPS:
        frappe.db.set_value("Onboarding Step", step, {"is_complete": 0, "is_skipped": 0})
    frappe.db.set_value("Module Onboarding", "TrackFlow", "is_complete", 0)
    yield
    frappe.db.rollback()


def ticked() -> set[str]:
    filters = {"name": ("in", onboarding.STEPS), "is_complete": 1}
    return set(frappe.get_all("Onboarding Step", filters, pluck="name", order_by="name asc"))


def test_what_there_is_ticks_itself_when_desk_is_loaded(unticked, season: Season) -> None:
    for hook in frappe.get_hooks("extend_bootinfo", app_name="trackflow"):
        frappe.get_attr(hook)(bootinfo=frappe._dict())
    assert ticked() >= {onboarding.CAMPAIGN, onboarding.LINK, onboarding.CLICK, onboarding.LEAD}
    assert onboarding.SETTINGS not in ticked()


def test_opening_the_list_of_links_is_no_click(unticked) -> None:
    frappe.db.delete("Click Daily Total")
    frappe.db.delete("Conversion")
    for step in (onboarding.CLICK, onboarding.LEAD):
        frappe.db.set_value("Onboarding Step", step, "is_complete", 1)
    onboarding.follow()
    assert not {onboarding.CLICK, onboarding.LEAD} & ticked()


def test_a_form_counts_once_guests_can_see_it(unticked) -> None:
    frappe.db.set_value("Web Form", {"doc_type": "CRM Lead"}, "published", 0)
    onboarding.follow()
    assert onboarding.FORM not in ticked()
    frappe.get_doc(
        doctype="Web Form",
        title=factory.unique("Ask"),
        route=factory.unique("ask"),
        doc_type="CRM Lead",
        module="Website",
        published=1,
        web_form_fields=[{"fieldname": "first_name", "fieldtype": "Data", "label": "Name"}],
    ).insert()
    onboarding.follow()
    assert onboarding.FORM in ticked()


def test_whoever_saves_the_settings_has_looked_at_them(unticked) -> None:
    frappe.get_doc("TrackFlow Settings").save()
    assert onboarding.SETTINGS in ticked()


def test_a_checklist_that_is_done_is_left_alone(unticked, season: Season) -> None:
    frappe.db.set_value("Module Onboarding", "TrackFlow", "is_complete", 1)
    onboarding.follow()
    assert ticked() == set()
