"""A campaign manager whom User Permissions limit to one campaign: what is told of it, and nothing of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import frappe
import pytest
from frappe.desk.doctype.number_card.number_card import get_result
from frappe.utils import nowdate

from tests.site import crm_factory as crm
from tests.site import factory
from tests.site.report_data import Season, report
from trackflow.analytics import conversions, periods
from trackflow.api import attribution, campaigns, charts, dashboard, links
from trackflow.panels import paper

pytestmark = crm.needs_crm

# Reports that add up what one campaign or link did, and by which of the two they can be asked.
ASKED = {
    "Campaign Performance": ("campaign",),
    "Link Performance": ("campaign",),
    "Deal Attribution": ("campaign", "tracked_link"),
    "Lead Attribution": ("campaign",),
    "Click Quality": ("campaign", "tracked_link"),
    "Conversion Funnel": ("campaign", "tracked_link"),
    "Cohorts": ("campaign",),
    "Variant Test": ("tracked_link",),
}


@pytest.fixture(scope="module")
def limited(season: Season) -> Iterator[str]:
    """Of a season's campaigns ``news`` is the one that may be seen, ``ads`` is not."""
    user = crm.make_user("Campaign Manager", "Sales User")
    limits = {"user": user, "allow": "Link Campaign", "for_value": season.news.name}
    permission = frappe.get_doc(doctype="User Permission", **limits).insert()
    frappe.db.commit()
    yield user
    frappe.delete_doc("User Permission", permission.name)
    frappe.db.commit()


@pytest.fixture
def as_limited(site: Any, limited: str) -> Callable[..., Any]:
    """Call a function as that user."""

    def call(function: Callable[..., Any], *args: Any, **more: Any) -> Any:
        frappe.set_user(limited)
        frappe.clear_cache(user=limited)
        try:
            return function(*args, **more)
        finally:
            frappe.set_user("Administrator")

    return call


@pytest.mark.parametrize(("name", "by"), [(name, by) for name, all_by in ASKED.items() for by in all_by])
def test_no_report_is_made_on_what_one_may_not_see(season: Season, limited: str, name: str, by: str) -> None:
    hidden = {"campaign": season.ads.name, "tracked_link": season.a1.name}[by]
    seen = {"campaign": season.news.name, "tracked_link": season.b1.name}[by]
    with pytest.raises(frappe.PermissionError):
        report(name, limited, **{by: hidden})
    report(name, limited, **{by: seen})


def test_what_is_no_campaign_of_ours_may_be_asked_for(limited: str) -> None:
    assert report("Lead Attribution", limited, campaign=factory.unique("their-own-utm"))["result"] == []


def test_the_dashboard_is_not_drawn_for_a_campaign_that_one_may_not_see(
    season: Season, as_limited: Callable[..., Any]
) -> None:
    with pytest.raises(frappe.PermissionError):
        as_limited(dashboard.figures, campaign=season.ads.name)
    assert as_limited(dashboard.figures, campaign=season.news.name)["total"]["clicks"] == 2


@pytest.mark.parametrize(
    ("name", "column"), [("Campaign Performance", "campaign"), ("Link Performance", "campaign")]
)
def test_rows_are_those_of_campaigns_that_one_may_see(
    season: Season, limited: str, name: str, column: str
) -> None:
    found = {row[column] for row in report(name, limited, deals="all")["result"] if isinstance(row, dict)}
    assert season.news.name in found
    assert not found - {season.news.name, None, ""}


# ---------------------------------------------------------------- sums


def whole(season: Season) -> dict[str, Any]:
    """A question about the days of the season."""
    return {"from_date": str(season.start), "to_date": str(season.today)}


@pytest.mark.parametrize("by", ["campaign", "link", "variant", "source", "channel"])
def test_what_others_earned_is_in_no_sum(season: Season, as_limited: Callable[..., Any], by: str) -> None:
    asked = {"model": "Linear", "by": by} | whole(season)
    everything, answer = attribution.credit(**asked), as_limited(attribution.credit, **asked)
    assert answer["rows"]
    assert not _named(season, answer)
    assert 0 < answer["total"] <= everything["total"] - 1000 / 2
    compared = as_limited(attribution.compare, "Linear", "Linear", by=by, **whole(season))
    assert compared["total_a"] == answer["total"]
    assert not _named(season, compared)
    table = report("Model Comparison", frappe.session.user, by=by, models=["Linear"], **whole(season))
    assert sum(row["amount_0"] for row in table["result"]) == pytest.approx(everything["total"])


@pytest.mark.parametrize("by", ["campaign", "link", "variant", "source"])
def test_the_comparison_of_models_names_no_others(
    season: Season, limited: str, as_limited: Callable[..., Any], by: str
) -> None:
    found = report("Model Comparison", limited, by=by, models=["Linear"], **whole(season))
    assert found["result"] and not _named(season, found)
    credited = as_limited(attribution.credit, model="Linear", by=by, **whole(season))
    assert sum(row["amount_0"] for row in found["result"]) == pytest.approx(credited["total"])


def test_the_dashboard_adds_up_what_one_may_see(season: Season, as_limited: Callable[..., Any]) -> None:
    answer, everything = as_limited(dashboard.figures, **whole(season)), dashboard.figures(**whole(season))
    hidden = as_if_asked_for(season.ads, season)
    for name in ("clicks", "amount", "visitors"):
        assert answer["total"][name] <= everything["total"][name] - hidden[name]
    assert sum(day["clicks"] for day in answer["days"]) == answer["total"]["clicks"]
    assert sum(day["visitors"] for day in answer["days"]) == answer["total"]["visitors"]
    assert answer["audience"]["counted"] <= everything["audience"]["counted"] - hidden["clicks"]
    assert not _named(season, answer)


def as_if_asked_for(campaign: Any, season: Season) -> dict[str, float]:
    """What a campaign brought."""
    return dashboard.figures(campaign=campaign.name, **whole(season))["total"]


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("Channel Overview", ("visitors", "sessions", "amount")),
        ("Click Quality", ("requests",)),
        ("Cohorts", ("visitors", "leads", "amount")),
        ("Conversion Funnel", ("number",)),
    ],
)
def test_reports_without_names_add_up_what_one_may_see(
    season: Season, limited: str, name: str, numbers: tuple[str, ...]
) -> None:
    asked = whole(season) | {"attribution_model": "Linear"}
    mine, everything = (report(name, user, **asked) for user in (limited, "Administrator"))
    for number in numbers:
        sums = [
            sum(row.get(number) or 0 for row in each["result"] if isinstance(row, dict))
            for each in (mine, everything)
        ]
        assert 0 < sums[0] < sums[1], number
    assert not _named(season, mine)


def test_the_charts_add_up_what_one_may_see(season: Season, as_limited: Callable[..., Any]) -> None:
    for function in (charts.clicks_by_day, charts.clicks_by_source, charts.campaigns_by_credited_value):
        asked = {"filters": {"attribution_model": "Linear"}}
        mine, everything = as_limited(function, **asked), function(**asked)
        for own, other in zip(mine["datasets"], everything["datasets"], strict=True):
            assert sum(own["values"]) < sum(other["values"])
        assert not _named(season, mine)


def test_leads_on_the_crms_dashboard_are_those_of_the_campaigns_one_may_see(
    season: Season, as_limited: Callable[..., Any]
) -> None:
    period = periods.parse(**whole(season))
    mine = as_limited(conversions.leads_of_campaigns, period)
    hidden = [lead.name for lead in season.leads if crm.fresh(lead).trackflow_campaign == season.ads.name]
    assert hidden and set(hidden) <= set(conversions.leads_of_campaigns(period))
    assert not set(hidden) & set(mine)


def test_what_happens_now_is_what_one_may_see(season: Season, as_limited: Callable[..., Any]) -> None:
    before = as_limited(dashboard.now)["clicks"]
    for link in (season.a1, season.b1):
        factory.put_clicks(link, [factory.new_visitor()])
    factory.drain()
    assert as_limited(dashboard.now)["clicks"] == before + 1


def test_strict_permissions_leave_out_what_has_no_campaign(
    season: Season, as_limited: Callable[..., Any]
) -> None:
    usual = as_limited(dashboard.figures, **whole(season))["total"]["clicks"]
    frappe.db.set_single_value("System Settings", "apply_strict_user_permissions", 1)
    frappe.clear_cache()
    try:
        strict = as_limited(dashboard.figures, **whole(season))["total"]["clicks"]
    finally:
        frappe.db.set_single_value("System Settings", "apply_strict_user_permissions", 0)
        frappe.clear_cache()
    assert strict == as_if_asked_for(season.news, season)["clicks"] < usual


def _named(season: Season, answer: Any) -> list[str]:
    """What of the campaign that may not be seen is told all the same."""
    told = frappe.as_json(answer)
    secrets = (season.ads.name, season.a1.name, season.a2.name, season.a2.title, season.source)
    return [secret for secret in secrets if secret in told]


# ---------------------------------------------------------------- forms, paper, number cards


def test_forms_and_paper_of_other_campaigns_are_refused(
    season: Season, as_limited: Callable[..., Any]
) -> None:
    for function, hidden, seen in (
        (campaigns.overview, season.ads, season.news),
        (links.overview, season.a1, season.b1),
        (paper.trackflow_campaign, season.ads, season.news),
        (
            charts.clicks_by_day,
            *(frappe.as_json({"campaign": each.name}) for each in (season.ads, season.news)),
        ),
    ):
        names = [getattr(each, "name", each) for each in (hidden, seen)]
        # Newer versions of Frappe say of what one may not print that it is not there.
        with pytest.raises((frappe.PermissionError, frappe.DoesNotExistError)):
            as_limited(function, names[0])
        as_limited(function, names[1])


def test_number_cards_add_up_what_one_may_see(season: Season, as_limited: Callable[..., Any]) -> None:
    value = frappe.db.get_value("Link Campaign", season.news.name, "revenue")
    assert as_limited(_card, "Won Value of Campaigns") == value
    link = factory.make_link(campaign=season.ads.name)
    factory.put_clicks(link, [factory.new_visitor()])
    factory.drain()
    of_nobody = {"date": nowdate(), "campaign": ("in", ["", season.news.name])}
    mine = frappe.get_all("Click Daily Total", of_nobody, pluck="clicks")
    assert as_limited(_card, "Clicks Today") == sum(mine)


def _card(name: str) -> float:
    card = frappe.get_doc("Number Card", name)
    return frappe.utils.flt(get_result(card.as_dict(), card.filters_json))
