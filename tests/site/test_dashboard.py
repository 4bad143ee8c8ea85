"""The dashboard's figures against the reports and the rows themselves, and who may see them."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime, nowdate

from tests.site import crm_factory as crm
from tests.site import factory
from tests.site.factory import click, drain, make_campaign, make_link
from trackflow.api import dashboard

pytestmark = crm.needs_crm


def report(name: str, **filters: str) -> list[dict]:
    module = frappe.get_module(f"trackflow.trackflow.report.{frappe.scrub(name)}.{frappe.scrub(name)}")
    return module.execute(filters)[1]


def period() -> dict[str, str]:
    return {"from_date": add_days(nowdate(), -60), "to_date": nowdate()}


def test_totals_are_those_of_the_reports(site, season):
    answer = dashboard.figures(**period())
    channels = report("Channel Overview", **period())
    for name in ("visitors", "leads", "deals", "amount"):
        expected = sum(row[name] for row in channels)
        assert answer["total"][name] == pytest.approx(expected), name
    ((clicks,),) = frappe.db.sql(
        "SELECT COUNT(*) FROM `tabClick Event` WHERE verdict = 'human' AND click_timestamp >= %s",
        add_days(nowdate(), -60),
    )
    assert sum(day["clicks"] for day in answer["days"]) == answer["total"]["clicks"]
    assert answer["total"]["clicks"] >= clicks
    assert sum(day["visitors"] for day in answer["days"]) == answer["total"]["visitors"]


def test_a_campaign_has_its_row_of_the_report(site, season):
    name = season.ads.name
    answer = dashboard.figures(**period(), campaign=name)
    (row,) = report("Campaign Performance", **period(), campaign=name)
    (shown,) = answer["by"]["campaign"]
    for number in ("clicks", "leads", "deals", "amount"):
        assert answer["total"][number] == shown[number] == pytest.approx(row[number], abs=0.005), number
    links = {one["tracked_link"]: one for one in report("Link Performance", **period(), campaign=name)}
    assert {link["name"] for link in answer["links"]} <= set(links)
    for link in answer["links"]:
        assert link["clicks"] == links[link["name"]]["clicks"]
        assert link["amount"] == pytest.approx(links[link["name"]]["amount"], abs=0.005)


def test_filters_leave_what_came_from_there(site, season):
    whole = dashboard.figures(**period())
    for name in ("source", "medium", "channel"):
        for row in whole["by"][name]:
            if row["name"]:
                total = dashboard.figures(**period(), **{name: row["name"]})["total"]
                assert total == {key: value for key, value in row.items() if key != "name"}


def test_the_period_before_is_as_long_and_ends_the_day_before(site):
    campaign = make_campaign()
    link = make_link(campaign=campaign.name)
    for back, number in ((1, 5), (9, 3), (20, 100)):
        values = {"date": add_days(nowdate(), -back), "tracked_link": link.name, "campaign": campaign.name}
        doc = frappe.get_doc(doctype="Click Daily Total", variant="", clicks=number, **values)
        doc.name = factory.unique("day")
        doc.db_insert()
    answer = dashboard.figures(add_days(nowdate(), -6), nowdate(), campaign=campaign.name)
    assert answer["before"] == [str(add_days(getdate(), -13)), str(add_days(getdate(), -7))]
    assert (answer["total"]["clicks"], answer["total_before"]["clicks"]) == (5, 3)
    assert len(answer["days"]) == 7
    whole = dashboard.figures(campaign=campaign.name)
    assert (whole["total"]["clicks"], whole["before"], whole["total_before"]) == (108, None, None)


def test_now_shows_clicks_of_the_last_minutes_and_nobody_s_address(site):
    link = make_link(campaign=make_campaign().name)
    click(link)
    drain()
    frappe.db.commit()
    answer = dashboard.now()
    assert answer["clicks"] >= 1 and sum(answer["minutes"]) == answer["clicks"]
    latest = next(one for one in answer["latest"] if one["link"] == link.name)
    assert set(latest) == {"time", "link", "title", "campaign", "country", "device"}
    assert now_datetime() - latest["time"] < timedelta(minutes=5)


def test_who_may_not_see_sums_gets_no_figures(site):
    user = f"{factory.unique('sales')}@example.com"
    doc = frappe.get_doc(doctype="User", email=user, first_name="Sales", send_welcome_email=0)
    doc.append("roles", {"role": "Sales User"})
    doc.insert()
    frappe.set_user(user)
    try:
        for ask in (dashboard.figures, dashboard.now):
            with pytest.raises(frappe.PermissionError, match="You may not see what campaigns earned"):
                ask()
        assert not frappe.get_doc("Page", "trackflow-dashboard").is_permitted()
    finally:
        frappe.set_user("Administrator")


def test_campaigns_and_links_that_a_user_may_not_read_are_not_named(site):
    seen, hidden = make_campaign(), make_campaign()
    links = [make_link(campaign=campaign.name) for campaign in (seen, hidden)]
    for link in links:
        click(link)
    drain()
    user = f"{factory.unique('one')}@example.com"
    doc = frappe.get_doc(doctype="User", email=user, first_name="One", send_welcome_email=0)
    doc.append("roles", {"role": "Campaign Manager"})
    doc.insert()
    frappe.get_doc(doctype="User Permission", user=user, allow="Link Campaign", for_value=seen.name).insert()
    frappe.db.commit()
    frappe.set_user(user)
    try:
        answer = dashboard.figures(nowdate(), nowdate())
        assert {row["name"] for row in answer["by"]["campaign"]} == {seen.name}
        assert hidden.name not in frappe.as_json(answer) and hidden.name not in frappe.as_json(
            dashboard.now()
        )
    finally:
        frappe.set_user("Administrator")
