"""TrackFlow's items on the dashboard of Frappe CRM's own pages."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import frappe
import pytest
from frappe.permissions import add_user_permission

from tests.site import crm_factory as crm
from tests.site import factory
from tests.site.report_data import Season, credited, events
from trackflow.analytics import crm_dashboard as figures
from trackflow.api import crm_dashboard as api
from trackflow.domain.links import Utm
from trackflow.setup import crm_dashboard as layout

pytestmark = pytest.mark.skipif(
    not frappe.db.exists("DocType", layout.DOCTYPE), reason="This Frappe CRM has no dashboard (before 1.51)."
)

NUMBERS = ("trackflow_leads", "trackflow_won_value", "trackflow_clicks")


@pytest.fixture
def dashboard(site: Any) -> Iterator[Any]:
    """The CRM's dashboard as it is on a new site; afterwards it is again."""
    layout.delete()
    ask("reset_to_default")
    yield frappe.get_doc(layout.DOCTYPE, layout.NAME)
    frappe.set_user("Administrator")
    ask("reset_to_default")
    frappe.db.commit()


def ask(function: str, **arguments: Any) -> Any:
    """What the CRM's page gets for this function, whoever answers for it."""
    answering = frappe.get_hooks("override_whitelisted_methods").get(f"crm.api.dashboard.{function}")
    assert answering == [f"trackflow.api.crm_dashboard.{function}"]
    return frappe.call(frappe.get_attr(answering[-1]), **arguments)


def shown(season: Season, **filters: Any) -> dict[str, dict]:
    """The data of TrackFlow's items, by name, since yesterday a week ago."""
    days = {"from_date": str(season.day(-8).date()), "to_date": str(season.today)}
    items = ask("get_dashboard", **(days | filters))
    return {item["name"]: item["data"] for item in items if item["name"].startswith(figures.PREFIX)}


def names() -> list[str]:
    return [item["name"] for item in json.loads(frappe.db.get_value(layout.DOCTYPE, layout.NAME, "layout"))]


def save(items: list[dict]) -> None:
    """As the page saves what an administrator arranged."""
    frappe.set_value(layout.DOCTYPE, layout.NAME, "layout", json.dumps(items))


# ---------------------------------------------------------------- figures


def test_the_items_stand_below_the_crms_own(dashboard: Any) -> None:
    items = json.loads(dashboard.layout)
    theirs, ours = items[: -len(layout.ITEMS)], items[-len(layout.ITEMS) :]
    assert [item["name"] for item in ours] == list(layout.ITEMS) == list(figures.ITEMS)
    bottom = max(item["layout"]["y"] + item["layout"]["h"] for item in theirs)
    assert min(item["layout"]["y"] for item in ours) == bottom
    assert len({item["layout"]["i"] for item in items}) == len(items)


def test_who_may_see_sums_sees_those_of_all(dashboard: Any, season: Season) -> None:
    data = shown(season)
    days = (season.day(-8).date(), season.today)
    assert data["trackflow_clicks"]["value"] >= len(events(season.links, *days)) > 0
    assert {"title", "tooltip", "value", "delta"} <= set(data["trackflow_clicks"])
    channels = data["trackflow_won_value_by_channel"]
    total = sum(row[channels["valueColumn"]] for row in channels["data"])
    assert data["trackflow_won_value"]["value"] == pytest.approx(total)
    assert total >= sum(credited(season.won, "Last Touch", "channel").values()) > 1000


def test_a_salesperson_sees_what_their_leads_and_deals_brought(dashboard: Any, season: Season) -> None:
    seller = crm.make_user("Sales User")
    give(season.first, "deal_owner", seller)
    give(season.leads[0], "lead_owner", seller)
    frappe.set_user(seller)
    data = shown(season)
    assert data["trackflow_leads"]["value"] == 1
    assert data["trackflow_won_value"]["value"] == 1000
    by_campaign = data["trackflow_won_value_by_campaign"]["data"]
    assert {row["name"]: row["value"] for row in by_campaign} == credited(
        [season.first], "Last Touch", "campaign"
    )
    # No sum over all links, and nothing of others, whoever they ask for.
    assert "trackflow_clicks" not in data
    assert shown(season, user="Administrator") == data


def test_a_manager_sees_one_salesperson(dashboard: Any, season: Season) -> None:
    seller = crm.make_user("Sales User")
    give(season.second, "deal_owner", seller)
    data = shown(season, user=seller)
    assert (data["trackflow_leads"]["value"], data["trackflow_won_value"]["value"]) == (0, 90.03)
    # Of everybody, and it says so.
    assert "no salesperson" in data["trackflow_clicks"]["tooltip"]
    assert data["trackflow_clicks"]["value"] == shown(season)["trackflow_clicks"]["value"]


def test_a_sales_manager_without_a_role_of_trackflow_learns_no_clicks(dashboard: Any, season: Season) -> None:
    frappe.set_user(crm.a_user("Sales Manager"))
    data = shown(season)
    assert "trackflow_clicks" not in data
    assert data["trackflow_won_value"]["value"] >= 1090.03


def test_who_arranges_the_dashboard_keeps_what_they_may_not_see(dashboard: Any, monkeypatch: Any) -> None:
    """The page saves the items that it was given."""
    monkeypatch.setattr(figures.access, "may_see_sums", lambda: False)
    (clicks,) = [each for each in ask("get_dashboard") if each["name"] == "trackflow_clicks"]
    assert clicks["data"]["value"] == "–"


def test_deals_that_somebody_may_not_read_count_for_nothing(dashboard: Any, season: Season) -> None:
    manager = crm.make_user("Sales Manager")
    add_user_permission("CRM Deal", season.first.name, manager)
    frappe.set_user(manager)
    assert shown(season)["trackflow_won_value"]["value"] == 1000


def test_the_period_before_is_as_long(dashboard: Any, site: Any) -> None:
    def clicks(days: int) -> dict:
        day = str(frappe.utils.add_days(frappe.utils.nowdate(), days))
        items = ask("get_dashboard", from_date=day, to_date=day)
        return next(item["data"] for item in items if item["name"] == "trackflow_clicks")

    before, on_day = clicks(-402)["value"] + 2, clicks(-401)["value"] + 3
    link = factory.make_link()
    for days, number in ((-402, 2), (-401, 3)):
        at = frappe.utils.now_datetime() + timedelta(days=days)
        factory.put_clicks(link, [factory.new_visitor() for _ in range(number)], at=at)
    factory.drain()
    data = clicks(-401)
    assert (data["value"], data["deltaSuffix"]) == (on_day, "%")
    assert data["delta"] == pytest.approx(100 * (on_day - before) / before)


def test_names_that_visitors_made_up_are_no_html(dashboard: Any, season: Season) -> None:
    made_up = "<img src=x onerror=alert(1)>"
    link = factory.make_link()
    visitor = factory.new_visitor()
    crm.visit(link, visitor, at=season.day(-2), utm=Utm(source="x", medium="y", campaign=made_up))
    factory.drain()
    seller = crm.make_user("Sales User")
    deal = crm.insert_deal(value=77, trackflow_visitor_id=visitor)
    give(deal, "deal_owner", seller)
    crm.close(deal, season.day(-1))
    frappe.set_user(seller)
    (row,) = shown(season)["trackflow_won_value_by_campaign"]["data"]
    assert row == {"name": "‹img src=x onerror=alert(1)›", "value": 77}


def test_without_days_it_is_about_this_month_as_in_the_crm(dashboard: Any) -> None:
    today = frappe.utils.nowdate()
    month = {"from_date": frappe.utils.get_first_day(today), "to_date": frappe.utils.get_last_day(today)}
    named = ask("get_dashboard", **{name: str(day) for name, day in month.items()})
    assert ask("get_dashboard") == named


def test_days_the_wrong_way_round_are_no_error_as_in_the_crm(dashboard: Any, season: Season) -> None:
    data = shown(season, from_date=str(season.today), to_date=str(season.day(-8).date()))
    assert (data["trackflow_leads"]["value"], data["trackflow_clicks"]["value"]) == (0, 0)


def test_our_failure_is_not_theirs(dashboard: Any, season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures.settings, "default_model", lambda: "No Such Model")
    items = ask("get_dashboard", from_date=str(season.start), to_date=str(season.today))
    data = {item["name"]: item["data"] for item in items}
    assert data["total_leads"]["value"] >= 2
    assert data["trackflow_won_value"]["value"] == "–"
    assert "Error Log" in data["trackflow_won_value"]["tooltip"]
    assert "Error Log" in data["trackflow_won_value_by_campaign"]["subtitle"]
    frappe.db.rollback()


def test_who_is_no_salesperson_is_refused_as_by_the_crm(dashboard: Any, season: Season) -> None:
    frappe.set_user(crm.a_user("Campaign Manager"))
    with pytest.raises(frappe.PermissionError):
        shown(season)


def test_the_page_asks_the_crm_and_gets_ours(dashboard: Any, http: Any) -> None:
    save([item for item in json.loads(dashboard.layout) if item["name"] != "trackflow_won_value"])
    frappe.db.commit()
    http.login(crm.a_user("Sales Manager"), crm.PASSWORD)
    answer = http.post("/api/method/crm.api.dashboard.get_dashboard")
    data = {item["name"]: item["data"] for item in answer.json()["message"]}
    assert set(data) >= {"total_leads", "trackflow_leads"}
    assert data["trackflow_leads"]["title"] == "Leads from campaigns"
    assert http.post("/api/method/crm.api.dashboard.reset_to_default").status_code == 403
    assert "trackflow_won_value" not in names()


def give(doc: Any, field: str, user: str) -> None:
    frappe.db.set_value(doc.doctype, doc.name, field, user, update_modified=False)
    frappe.db.commit()


# ---------------------------------------------------------------- the layout


def test_what_an_administrator_takes_away_stays_away(dashboard: Any) -> None:
    save([item for item in json.loads(dashboard.layout) if item["name"] != "trackflow_clicks"])
    layout.create()
    assert "trackflow_clicks" not in names()
    assert "trackflow_leads" in names()


def test_places_and_the_crms_items_stay_as_they_were_arranged(dashboard: Any) -> None:
    items = json.loads(dashboard.layout)
    items[-1]["layout"]["y"] = 99
    save(items)
    layout.create()
    assert json.loads(frappe.db.get_value(layout.DOCTYPE, layout.NAME, "layout")) == items


def test_a_new_item_comes_to_who_has_the_others(dashboard: Any) -> None:
    given = [name for name in layout.ITEMS if name != "trackflow_won_value_by_channel"]
    save([item for item in json.loads(dashboard.layout) if item["name"] in ("total_leads", given[0])])
    frappe.db.set_global(layout.GIVEN, json.dumps(given))
    layout.create()
    assert names() == ["total_leads", given[0], "trackflow_won_value_by_channel"]


def test_the_dashboards_own_reset_brings_them_back(dashboard: Any) -> None:
    save([])
    frappe.set_user(crm.make_user("System Manager", "Sales User"))
    ask("reset_to_default")
    assert names()[-len(layout.ITEMS) :] == list(layout.ITEMS)
    assert names()[0] == "total_leads"


def test_a_dashboard_that_the_crm_makes_anew_has_them(dashboard: Any, season: Season) -> None:
    frappe.delete_doc(layout.DOCTYPE, layout.NAME)
    assert set(shown(season)) == set(layout.ITEMS)


@pytest.mark.parametrize("text", ["{broken", '{"a": 1}', "[1]"])
def test_what_is_no_layout_is_left_alone(dashboard: Any, text: str) -> None:
    frappe.db.set_value(layout.DOCTYPE, layout.NAME, "layout", text)
    layout.delete()
    layout.create()
    assert frappe.db.get_value(layout.DOCTYPE, layout.NAME, "layout") == text


def test_nothing_is_left_when_they_go(dashboard: Any) -> None:
    layout.delete()
    assert not [name for name in names() if name.startswith(figures.PREFIX)]
    assert names()[0] == "total_leads"
    assert frappe.db.get_global(layout.GIVEN) is None


def test_what_another_app_answers_is_kept_and_ours_added(
    dashboard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, f"{__name__}.get_dashboard", f"{layout.OURS}.get_dashboard")
    monkeypatch.setattr(frappe, "get_attr", {f"{__name__}.get_dashboard": get_dashboard}.__getitem__)
    items = api.get_dashboard("2026-01-01", "2026-01-31")
    assert items[0] == {"name": "theirs", "from": "2026-01-01", "data": 7}
    assert items[1]["data"]["title"] == "Link clicks"


def test_without_our_answer_there_are_no_items(dashboard: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CRM's page fails on a number without data, and another app's answer has none for ours."""
    answering(monkeypatch, f"{layout.OURS}.get_dashboard", f"{__name__}.get_dashboard")
    for again in (layout.create, layout.create, layout.add_again):
        again()
        assert names()[0] == "total_leads"
        assert not [name for name in names() if name.startswith(figures.PREFIX)]


def answering(monkeypatch: pytest.MonkeyPatch, *methods: str) -> None:
    """Let these apps' functions be named for the CRM's, in the order of the apps."""
    of_all = frappe.get_hooks
    named = {"override_whitelisted_methods": {f"{layout.THEIRS}.get_dashboard": list(methods)}}
    monkeypatch.setattr(frappe, "get_hooks", lambda hook=None, *args: named.get(hook) or of_all(hook, *args))


def get_dashboard(from_date: str, to_date: str) -> list[dict]:
    """Another app's answer."""
    ours = {"name": "trackflow_clicks", "type": "number_chart", "data": None}
    return [{"name": "theirs", "from": from_date, "data": 7}, ours]
