"""Reports: each figure as it comes out when it is counted another way, and who may see it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import frappe
import pytest

from tests.site import crm_factory as crm
from tests.site import factory
from tests.site import report_data as data
from tests.site.report_data import Season, cards, report, rows_by

pytestmark = crm.needs_crm

ALL = [
    "Campaign Performance", "Link Performance", "Deal Attribution", "Model Comparison", "Channel Overview",
    "Lead Attribution", "Click Quality", "Conversion Funnel", "Visitor Journey", "Cohorts",
]  # fmt: skip
ANALYSTS = ("Campaign Manager", "TrackFlow Manager", "System Manager")


# ---------------------------------------------------------------- all of them


@pytest.mark.parametrize("name", ALL)
def test_every_report_is_for_trackflows_roles_and_nobody_else(season: Season, name: str) -> None:
    for role in ANALYSTS:
        assert "result" in report(name, crm.a_user(role))
    for role in ("Sales User", "Blogger"):
        with pytest.raises(frappe.PermissionError):
            report(name, crm.a_user(role))


@pytest.mark.parametrize("name", ALL)
def test_a_period_in_which_nothing_was_gives_an_empty_report(season: Season, name: str) -> None:
    answer = report(name, from_date="1971-01-01", to_date="1971-12-31")
    assert (answer["result"], answer["chart"], answer["report_summary"]) == ([], None, [])
    assert answer["columns"]


@pytest.mark.parametrize("name", ALL)
def test_days_the_wrong_way_round_are_refused(season: Season, name: str) -> None:
    with pytest.raises(frappe.ValidationError, match="later than To Date"):
        report(name, from_date="2026-02-02", to_date="2026-02-01")


def test_an_unknown_model_is_refused(season: Season) -> None:
    with pytest.raises(frappe.ValidationError, match="There is no attribution model"):
        report("Campaign Performance", attribution_model="Hearsay")


# ---------------------------------------------------------------- Campaign Performance


@pytest.mark.parametrize("span", [(-20, 0), (-12, -12), (-5, -3)])
def test_campaigns_are_as_their_clicks_counted_one_by_one(season: Season, span: tuple[int, int]) -> None:
    since, until = (season.day(days).date() for days in span)
    rows = rows_by(report("Campaign Performance", from_date=str(since), to_date=str(until)), "campaign")
    clicks = Counter(row.campaign for row in data.events(season.links, since, until))
    visitors = data.newcomers(season.links, since, until, lambda row: row.campaign)
    for campaign in (season.ads.name, season.news.name):
        row = rows.get(campaign) or {"clicks": 0, "visitors": 0}
        assert (row["clicks"], row["visitors"]) == (clicks[campaign], visitors[campaign]), campaign


@pytest.mark.parametrize("model", [None, "First Touch", "Linear"])
def test_campaigns_have_the_credit_of_their_deals(season: Season, model: str | None) -> None:
    answer = report("Campaign Performance", from_date=str(season.start), attribution_model=model)
    rows = rows_by(answer, "campaign")
    amounts = data.credited(season.won, model or "Last Touch", "campaign")
    counts = data.shares(season.won, model or "Last Touch", "campaign")
    for campaign in (season.ads.name, season.news.name):
        assert rows[campaign]["amount"] == amounts.get(campaign, 0)
        assert rows[campaign]["deals"] == pytest.approx(counts.get(campaign, 0), abs=1e-6)
    assert cards(answer)["Won Value"] == pytest.approx(sum(row["amount"] for row in answer["result"]))


def test_campaigns_have_their_leads(season: Season) -> None:
    row = rows_by(report("Campaign Performance", from_date=str(season.start)), "campaign")[season.news.name]
    own = frappe.get_all("Conversion", {"conversion_type": "Lead", "source_campaign": season.news.name})
    assert row["leads"] == len(own) == 1
    assert row["lead_rate"] == 50


def test_what_a_campaign_cost_is_shown_where_the_period_covers_it(season: Season) -> None:
    whole = rows_by(report("Campaign Performance", from_date=str(season.start)), "campaign")[season.ads.name]
    assert whole["budget"] == 500
    assert whole["cost_per_click"] == pytest.approx(500 / whole["clicks"])
    assert whole["cost_per_lead"] == pytest.approx(500 / whole["leads"])
    assert whole["roi"] == pytest.approx(100 * (whole["amount"] - 500) / 500)
    later = str(season.day(-14).date())
    part = rows_by(report("Campaign Performance", from_date=later), "campaign")[season.ads.name]
    assert part["budget"] == 500
    assert not any(part.get(name) for name in ("cost_per_click", "cost_per_lead", "roi"))


def test_campaigns_are_filtered(season: Season) -> None:
    answer = report("Campaign Performance", campaign=season.ads.name)
    assert [row["campaign"] for row in answer["result"]] == [season.ads.name]
    paused = rows_by(report("Campaign Performance", status="Paused"), "campaign")
    assert season.ads.name not in paused


# ---------------------------------------------------------------- Link Performance


@pytest.mark.parametrize("span", [(-20, 0), (-12, -12), (-5, -3)])
def test_links_are_as_their_clicks_counted_one_by_one(season: Season, span: tuple[int, int]) -> None:
    since, until = (season.day(days).date() for days in span)
    rows = rows_by(report("Link Performance", from_date=str(since), to_date=str(until)), "tracked_link")
    visitors = data.newcomers(season.links, since, until, lambda row: row.tracked_link)
    for link in season.links:
        human = data.events([link], since, until)
        others = [data.events([link], since, until, verdict) for verdict in ("bot", "duplicate")]
        expected = (len(human), visitors[link.name], sum(map(len, others)))
        row = rows.get(link.name) or {"clicks": 0, "visitors": 0, "left_out": 0}
        assert (row["clicks"], row["visitors"], row["left_out"]) == expected


def test_links_have_conversions_and_credit(season: Season) -> None:
    answer = report("Link Performance", from_date=str(season.start), attribution_model="Linear")
    rows = rows_by(answer, "tracked_link")
    amounts = data.credited(season.won, "Linear", "tracked_link")
    for link in season.links:
        assert rows[link.name]["amount"] == amounts.get(link.name, 0)
        assert rows[link.name]["conversions"] == frappe.db.count(
            "Link Conversion", {"tracked_link": link.name}
        )
    assert rows[season.a2.name]["title"] == season.a2.title


def test_links_of_a_campaign(season: Season) -> None:
    answer = report("Link Performance", campaign=season.ads.name)
    assert {row["tracked_link"] for row in answer["result"]} == {season.a1.name, season.a2.name}
    assert cards(answer)["Not Counted"] == 4


# ---------------------------------------------------------------- Deal Attribution


def test_deals_have_their_touches_below_them(season: Season) -> None:
    answer = report("Deal Attribution", from_date=str(season.start), attribution_model="Linear")
    rows = answer["result"]
    at = next(place for place, row in enumerate(rows) if row.get("deal") == season.first.name)
    credits = crm.credits_of(season.first, "Linear")
    deal, touches = rows[at], rows[at + 1 : at + 1 + len(credits)]
    assert (deal["value"], deal["amount"], deal["touches"], deal["indent"]) == (1000, 1000, 3, 0)
    assert deal["closed_at"] == season.day(-1)
    assert [(row["tracked_link"], row["amount"], row["touch_time"], row["indent"]) for row in touches] == [
        (row.tracked_link, row.amount, row.touch_time, 1) for row in credits
    ]
    assert season.open.name not in {row.get("deal") for row in rows}
    assert cards(answer)["Value"] == pytest.approx(sum(row.get("value", 0) for row in rows))


def test_deals_of_a_campaign_have_only_its_credit(season: Season) -> None:
    answer = report("Deal Attribution", attribution_model="Linear", campaign=season.news.name)
    (deal,) = [row for row in answer["result"] if not row["indent"]]
    expected = data.credited([season.first], "Linear", "campaign")[season.news.name]
    assert (deal["deal"], deal["value"], deal["amount"]) == (season.first.name, 1000, expected)


def test_lost_and_open_deals_are_shown_where_all_are_asked_for(season: Season) -> None:
    deals = rows_by(report("Deal Attribution", deals="all"), "deal")
    assert (deals[season.lost.name]["status"], deals[season.lost.name]["is_won"]) == ("Lost", 0)
    assert deals[season.open.name]["closed_at"] is None


def test_only_deals_that_one_may_read_are_shown(season: Season) -> None:
    alone = report("Deal Attribution", crm.a_user("Campaign Manager"))
    assert alone["result"] == []
    assert "may not read deals" in alone["message"]
    both = crm.a_user("Campaign Manager", "Sales User")
    assert season.first.name in rows_by(report("Deal Attribution", both), "deal")
    # Who is limited to one organization by User Permissions sees its deals only.
    limits = {"user": both, "allow": "CRM Deal", "for_value": season.second.name}
    limit = frappe.get_doc(doctype="User Permission", **limits).insert()
    try:
        found = {row.get("deal") for row in report("Deal Attribution", both)["result"]} - {None}
        assert found == {season.second.name}
    finally:
        frappe.delete_doc("User Permission", limit.name)
        frappe.db.commit()


# ---------------------------------------------------------------- Model Comparison


@pytest.mark.parametrize(
    ("by", "field"), [("campaign", "campaign"), ("channel", "channel"), ("link", "tracked_link")]
)
def test_models_are_side_by_side(season: Season, by: str, field: str) -> None:
    since = str(season.start)
    models = crm.models_with_credit()
    answer = report("Model Comparison", by=by, from_date=since)
    rows = rows_by(answer, "key")
    assert [column["label"] for column in answer["columns"][1:]] == models
    for place, model in enumerate(models):
        for name, amount in data.credited(season.won, model, field).items():
            # Channels belong to other tests' deals, too.
            found = rows[name][f"amount_{place}"]
            assert found == amount if by != "channel" else found >= amount


def test_the_quality_of_a_single_day_is_drawn_too(season: Season) -> None:
    """Desk draws no line through one point."""
    last = season.day(-2).date()
    one, more = (
        report("Click Quality", from_date=str(day), to_date=str(last))
        for day in (last, season.day(-8).date())
    )
    assert (one["chart"]["type"], len(one["chart"]["data"]["labels"])) == ("bar", 1)
    assert more["chart"]["type"] == "line"
    # A tick in the row of totals would say nothing.
    assert [each["fieldname"] for each in one["columns"] if each.get("disable_total")] == ["counts", "share"]


def test_two_models_have_a_difference(season: Season) -> None:
    answer = report(
        "Model Comparison", from_date=str(season.start), models='["First Touch", "Last Touch"]', by="link"
    )
    row = rows_by(answer, "key")[season.a2.name]
    assert (row["amount_0"], row["amount_1"], row["difference"]) == (0, 90.03, 90.03)
    assert len(answer["chart"]["data"]["datasets"]) == 2
    assert cards(answer).keys() == {"First Touch", "Last Touch"}


def test_a_comparison_by_what_there_is_not_is_refused(season: Season) -> None:
    with pytest.raises(frappe.ValidationError, match="can't be added up"):
        report("Model Comparison", by="weather")
    with pytest.raises(frappe.ValidationError, match="There is no attribution model"):
        report("Model Comparison", models='["Hearsay"]')


def test_a_day_belongs_to_the_period_until_midnight(season: Season) -> None:
    """The click of 23:59 and the deal of 23:00."""
    day = season.day(-3).date()
    row = rows_by(report("Link Performance", from_date=str(day), to_date=str(day)), "tracked_link")
    assert row[season.a2.name]["clicks"] == 1
    closed = season.day(-2).date()
    deals = report("Deal Attribution", from_date=str(closed), to_date=str(closed))["result"]
    assert season.second.name in {row.get("deal") for row in deals}
    assert season.first.name not in {row.get("deal") for row in deals}
    later = closed + timedelta(days=1)
    deals = report("Deal Attribution", from_date=str(later))["result"]
    assert season.second.name not in {row.get("deal") for row in deals}


# ---------------------------------------------------------------- Channel Overview


def test_channels_are_as_their_visits_one_by_one(season: Season) -> None:
    """A source of its own, so that nobody else's visits are in the figures: a channel for it by the model's rules."""
    channel = factory.unique("Ads")
    model = frappe.get_doc(
        doctype="Attribution Model",
        model_name=factory.unique("Own"),
        model_type="Linear",
        is_active=1,
        channel_rules=[{"channel_name": channel, "match_conditions": f"source equals {season.source}"}],
    ).insert()
    frappe.db.commit()
    try:
        for deal in season.deals:
            credit_again(deal)
        answer = report("Channel Overview", from_date=str(season.start), attribution_model=model.name)
        row = rows_by(answer, "channel")[channel]
        own = {"source": season.source}
        assert row["sessions"] == frappe.db.count("Visitor Session", own) > 0
        assert row["visitors"] == len(
            {one.visitor_id for one in data.events([season.a1, season.a2], season.start, season.today)}
        )
        assert row["leads"] == frappe.db.count(
            "Conversion", {"source_source": season.source, "conversion_type": "Lead"}
        )
        assert row["amount"] == data.credited(season.won, model.name, "channel")[channel]
        assert row["value_share"] == pytest.approx(100 * row["amount"] / cards(answer)["Won Value"])
    finally:
        frappe.delete_doc("Attribution Model", model.name, force=True)
        frappe.db.delete("Deal Attribution", {"attribution_model": model.name})
        frappe.db.commit()


def credit_again(deal: Any) -> None:
    from trackflow import credit

    credit.credit_deal(deal.name)
    frappe.db.commit()
