"""Reports on people and requests: leads, verdicts, the funnel, journeys and cohorts, counted another way."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta

import frappe
import pytest

from tests.site import crm_factory as crm
from tests.site import factory
from tests.site import report_data as data
from tests.site.report_data import Season, cards, report, rows_by

pytestmark = crm.needs_crm


# ---------------------------------------------------------------- Lead Attribution


def test_leads_tell_where_they_came_from_and_what_became_of_them(season: Season) -> None:
    answer = report("Lead Attribution", from_date=str(season.today))
    rows = rows_by(answer, "lead")
    first, second = (rows[lead.name] for lead in season.leads)
    lead = crm.fresh(season.leads[0])
    assert (first["campaign"], first["touches"]) == (season.ads.name, 3)
    assert (first["source"], first["medium"]) == (season.source, "cpc")
    assert first["days"] == pytest.approx((lead.creation - season.day(-12)).total_seconds() / 86400)
    assert (first["won_value"], second["won_value"]) == (1000, None)
    unknown = frappe.db.count("CRM Lead", {"creation": (">=", season.today), "trackflow_touch_count": 0})
    assert cards(answer)["Others"] == unknown
    assert report("Lead Attribution", campaign=season.news.name)["result"][0]["lead"] == season.leads[1].name


def test_only_leads_that_one_may_read_are_shown(season: Season) -> None:
    both = crm.a_user("Campaign Manager", "Sales User")
    limits = {"user": both, "allow": "CRM Lead", "for_value": season.leads[1].name}
    limit = frappe.get_doc(doctype="User Permission", **limits).insert()
    try:
        assert set(rows_by(report("Lead Attribution", both), "lead")) == {season.leads[1].name}
        with pytest.raises(frappe.PermissionError):
            report("Visitor Journey", both, lead=season.leads[0].name)
    finally:
        frappe.delete_doc("User Permission", limit.name)
        frappe.db.commit()


def test_who_may_read_no_deals_is_not_told_that_nothing_was_won(season: Season) -> None:
    both, campaigner = crm.a_user("Campaign Manager", "Sales User"), crm.a_user("Campaign Manager")
    told = report("Lead Attribution", both, campaign=season.ads.name)
    assert cards(told)["Won Value"] == 1000
    hidden = report("Lead Attribution", campaigner, campaign=season.ads.name)
    assert len(hidden["result"]) == len(told["result"])
    assert "Won Value" not in cards(hidden)
    assert "won_value" not in [column["fieldname"] for column in hidden["columns"]]


# ---------------------------------------------------------------- Click Quality


def test_reasons_are_those_of_the_events_one_by_one(season: Season) -> None:
    day = str(season.day(-12).date())
    answer = report("Click Quality", from_date=day, to_date=day, tracked_link=season.a1.name)
    expected = Counter((row.verdict, row.verdict_reason or "") for row in factory.events(season.a1)
                       if str(row.click_timestamp.date()) == day)  # fmt: skip
    found = {(row["verdict"], row["reason"]): row["requests"] for row in answer["result"]}
    assert found == expected
    assert {verdict for verdict, _reason in found} == {"human", "duplicate", "bot"}
    assert sum(row["share"] for row in answer["result"]) == pytest.approx(100)
    assert cards(answer) == {"Requests": 6, "Counted": 2, "Human Share": pytest.approx(100 / 3), "Robots": 3}
    assert [dataset["values"] for dataset in answer["chart"]["data"]["datasets"]] == [[2], [4]]


def test_requests_whose_events_are_gone_still_count(season: Season) -> None:
    link = factory.make_link()
    factory.put_clicks(link, [factory.new_visitor() for _ in range(3)])
    factory.drain()
    frappe.db.delete("Click Event", {"tracked_link": link.name})
    (row,) = report("Click Quality", tracked_link=link.name)["result"]
    assert (row["verdict"], row["requests"], row["is_kept"]) == ("human", 3, 0)
    assert "deleted" in row["reason"]


# ---------------------------------------------------------------- Conversion Funnel


@pytest.mark.parametrize("about", ["campaign", "tracked_link"])
def test_the_funnel_follows_the_visitors(season: Season, about: str) -> None:
    name, links = {
        "campaign": (season.ads.name, [season.a1, season.a2]),
        "tracked_link": (season.a1.name, [season.a1]),
    }[about]
    answer = report("Conversion Funnel", attribution_model="Linear", **{about: name})
    clicks = data.events(links, date.min, date.max)
    visitors = {row.visitor_id for row in clicks}
    leads = {row.visitor for row in frappe.get_all("Conversion", {"conversion_type": "Lead"}, ["visitor"])}
    won = {
        row.visitor_id
        for deal in season.won
        for row in crm.credits_of(deal, "Linear")
        if row.tracked_link in {link.name for link in links}
    }
    numbers = [row["number"] for row in answer["result"]]
    assert numbers == [len(clicks), len(visitors), len(visitors & leads), len(won), len(won)]
    assert numbers == [4 if about == "campaign" else 3, 2, 1, 2, 2]
    field = "campaign" if about == "campaign" else "tracked_link"
    assert cards(answer)["Won Value"] == data.credited(season.won, "Linear", field)[name]


def test_the_funnel_has_those_who_came_first_in_its_days(season: Season) -> None:
    later = str(season.day(-11).date())
    numbers = [
        row["number"]
        for row in report("Conversion Funnel", campaign=season.ads.name, from_date=later)["result"]
    ]
    assert numbers == [2, 0, 0, 0, 0]


# ---------------------------------------------------------------- Visitor Journey


def test_a_journey_has_all_that_happened_in_its_order(season: Season) -> None:
    reader = crm.a_user("Campaign Manager", "Sales User")
    answer = report("Visitor Journey", reader, deal=season.first.name)
    rows = answer["result"]
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    clicks = [row["name"] for row in rows if row["doctype"] == "Click Event"]
    mine = [
        row for link in season.links for row in factory.events(link) if row.visitor_id == season.visitors[0]
    ]
    assert clicks == [row.name for row in sorted(mine, key=lambda row: row.click_timestamp)]
    kinds = {row["doctype"] for row in rows}
    assert kinds == {"Click Event", "Conversion", "Deal Stage Change"}
    stages = {row["detail"] for row in rows if row["doctype"] == "Deal Stage Change"}
    assert stages == {"Qualification", "Won"}
    assert "Mozilla" not in json.dumps(answer, default=str)
    two = report("Visitor Journey", reader, visitor=season.visitors[1])["result"]
    assert [row["reason"] for row in two if row["what"] == "Click, not counted"] != [""]


def test_a_journey_of_what_one_may_not_read_is_refused(season: Season) -> None:
    user = crm.a_user("Campaign Manager")
    with pytest.raises(frappe.PermissionError):
        report("Visitor Journey", user, deal=season.first.name)
    assert report("Visitor Journey", user, visitor=season.visitors[0])["result"]


# ---------------------------------------------------------------- Cohorts


def test_cohorts_have_the_revenue_of_their_month(season: Season) -> None:
    """Of one campaign, because other tests have deals in the same months."""
    months = {}
    for deal in season.won:
        first = crm.fresh(deal).trackflow_first_touch_date
        amount = data.credited([deal], "Linear", "campaign").get(season.ads.name, 0)
        closed = frappe.db.get_value(
            "Deal Stage Change", {"deal_id": deal.name, "to_stage": "Won"}, "change_date"
        )
        between = 12 * (closed.year - first.year) + closed.month - first.month
        key = (date(first.year, first.month, 1), between)
        months[key] = round(months.get(key, 0) + amount, 6)
    answer = report("Cohorts", campaign=season.ads.name, attribution_model="Linear")
    rows = rows_by(answer, "month")
    for (month, between), amount in months.items():
        assert rows[month][f"month_{between}"] == amount
    assert sum(row["amount"] for row in rows.values()) == pytest.approx(sum(months.values()))
    assert sum(row["deals"] for row in rows.values()) == 2


def test_cohorts_have_the_visitors_and_leads_of_their_month(season: Season) -> None:
    since = season.now.replace(day=1).date()
    answer = report("Cohorts", from_date=str(since), to_date=str(season.today))
    # Other tests have clicks of days to come.
    in_time = [["first_seen", ">=", since], ["first_seen", "<", season.today + timedelta(days=1)]]
    seen = frappe.get_all("Visitor", in_time, pluck="name")
    leads = frappe.get_all("Conversion", {"conversion_type": "Lead", "visitor": ("in", seen)})
    (row,) = [row for row in answer["result"] if row["month"] == since]
    assert (row["visitors"], row["leads"]) == (len(seen), len(leads))
