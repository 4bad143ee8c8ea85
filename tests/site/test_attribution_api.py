"""What programs and forms are told about credit: figures worked out another way, and who may see them."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import frappe
import pytest
from frappe.utils import add_days, now_datetime

from tests.site import crm_factory as crm
from tests.site import factory
from trackflow.api import attribution as api
from trackflow.integrations.crm import values

pytestmark = crm.needs_crm

ANALYSTS = ("Campaign Manager", "TrackFlow Manager", "System Manager")


class Story:
    """Deals of two campaigns: three won on three days of a March long ago, one lost, one open."""

    def __init__(self) -> None:
        self.won_on = [datetime(2016, 3, day, 12) for day in (1, 15, 31)]
        self.ads, self.ads_link = crm.campaign_link(source=factory.unique("adverts"), medium="cpc")
        self.news, self.news_link = crm.campaign_link(source=factory.unique("letter"), medium="email")
        factory.make_variant(self.ads_link, "A", factory.DESTINATION)
        self.deals = [
            self.deal(value, day) for value, day in zip((100, 0.05, 999.99), self.won_on, strict=True)
        ]
        self.lost = self.deal(70, datetime(2016, 3, 15), status="Lost")
        self.open = self.deal(5)
        self.without_touches = crm.insert_deal(value=12, wait=False)
        crm.finish_jobs()

    def deal(self, value: float, on: datetime | None = None, status: str = "Won") -> Any:
        visitor, until = factory.new_visitor(), on or now_datetime()
        crm.visit(self.ads_link, visitor, at=until - timedelta(days=9), variant="A")
        crm.visit(self.news_link, visitor, at=until - timedelta(days=5))
        crm.visit(self.ads_link, visitor, at=until - timedelta(days=1))
        deal = crm.insert_deal(value=value, trackflow_visitor_id=visitor, wait=False)
        return crm.close(deal, on, status) if on else deal

    @property
    def keys(self) -> set[str]:
        return {self.ads.name, self.news.name}


@pytest.fixture(scope="module")
def story() -> Story:
    return Story()


def by_hand(deals: list[Any], model: str, field: str) -> dict[str, Fraction]:
    """What each earned, from the touch points alone, unrounded."""
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for deal in deals:
        filters = {"deal_id": deal.name, "attribution_model": model}
        row = frappe.db.get_value(
            "Deal Attribution", filters, ["touch_points", "attribution_value"], as_dict=True
        )
        for point in json.loads(row.touch_points):
            sums[point[field]] += Fraction(point["weight"]) * Fraction(str(row.attribution_value))
    return sums


def amounts(answer: dict, keys: Any, field: str = "amount") -> dict[str, float]:
    return {row["key"]: row[field] for row in answer["rows"] if row["key"] in keys}


# ---------------------------------------------------------------- for a period


@pytest.mark.parametrize("model", ["Last Touch", "Linear", "Position Based", "Time Decay"])
@pytest.mark.parametrize(("by", "field"), [("campaign", "campaign"), ("source", "source"), ("link", "link")])
def test_credit_is_that_of_the_touch_points_added_up(story: Story, model: str, by: str, field: str) -> None:
    expected = by_hand(story.deals, model, field)
    answer = api.credit(model, by, "2016-03-01", "2016-03-31")
    found = amounts(answer, expected)
    assert found.keys() == {key for key, amount in expected.items() if amount}
    for key, amount in found.items():
        # A cent for each deal may have gone to another touch.
        assert abs(amount - expected[key]) < 0.03, key
    assert round(sum(found.values()), 6) == 1100.04
    assert answer["total"] == round(sum(row["amount"] for row in answer["rows"]), 6)


def test_a_deal_counts_on_the_day_on_which_it_was_closed(story: Story) -> None:
    def total(from_date: str | None, to_date: str | None) -> float:
        answer = api.credit("Linear", "campaign", from_date, to_date)
        return round(sum(amounts(answer, story.keys).values()), 6)

    assert total("2016-03-01", "2016-03-01") == 100
    assert total("2016-03-02", "2016-03-30") == 0.05
    assert total("2016-03-31", None) == 999.99
    assert total(None, "2016-02-29") == 0
    assert total(None, None) == 1100.04


def test_lost_and_open_deals_count_where_all_are_asked_for(story: Story) -> None:
    def found(**days: str) -> dict[str, float]:
        return amounts(api.credit("First Touch", "campaign", deals="all", **days), story.keys)

    assert found(from_date="2016-03-15", to_date="2016-03-15") == {story.ads.name: 70.05}
    today = str(now_datetime().date())
    assert found(from_date=today, to_date=today) == {story.ads.name: 5}
    assert found(from_date=add_days(today, 1)) == {}


def test_rows_say_how_many_deals_and_come_in_order(story: Story) -> None:
    answer = api.credit("Linear", "campaign", "2016-03-01", "2016-03-31")
    rows = [row for row in answer["rows"] if row["key"] in story.keys]
    assert [(row["key"], row["deals"], row["share"]) for row in rows] == [
        (story.ads.name, 3, 2.0),
        (story.news.name, 3, 1.0),
    ]
    assert answer["currency"] == values.company_currency()
    earned = [row["amount"] for row in answer["rows"]]
    assert earned == sorted(earned, reverse=True)


def test_links_have_titles_and_variants_their_link(story: Story) -> None:
    links = {row["key"]: row for row in api.credit("Linear", "link")["rows"]}
    title = story.ads_link.title or story.ads_link.short_code
    assert links[story.ads_link.name]["label"] == title
    variants = api.credit("First Touch", "variant", "2016-03-01", "2016-03-31")["rows"]
    own = [row for row in variants if row["link"] == story.ads_link.name]
    assert [(row["key"], row["amount"]) for row in own] == [("A", 1100.04)]


def test_two_models_are_compared(story: Story) -> None:
    answer = api.compare("First Touch", "Linear", "campaign", "2016-03-01", "2016-03-31")
    rows = {row["key"]: row for row in answer["rows"] if row["key"] in story.keys}
    ads, news = rows[story.ads.name], rows[story.news.name]
    assert (ads["amount_a"], news["amount_a"]) == (1100.04, 0)
    for model, side in (("First Touch", "a"), ("Linear", "b")):
        alone = amounts(api.credit(model, "campaign", "2016-03-01", "2016-03-31"), story.keys)
        assert {key: row[f"amount_{side}"] for key, row in rows.items() if row[f"amount_{side}"]} == alone
    assert ads["amount_difference"] == pytest.approx(ads["amount_b"] - 1100.04)
    assert ads["amount_difference"] + news["amount_difference"] == pytest.approx(0)
    assert answer["total_a"] == answer["total_b"] >= 1100.04


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"model": "Hearsay"}, "There is no attribution model <strong>Hearsay</strong>"),
        ({"model": "Linear", "by": "amount"}, "It can be by: campaign, channel"),
        ({"model": "Linear", "deals": "mine"}, '"won" or "all"'),
        ({"model": "Linear", "from_date": "2026-02-02", "to_date": "2026-02-01"}, "later than To Date"),
        ({"model": "Linear", "from_date": "soon"}, "no date"),
        ({"model": "Linear", "by": "amount`; DROP"}, "can't be added up"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_change(arguments: dict, says: str) -> None:
    with pytest.raises(frappe.ValidationError) as refused:
        api.credit(**arguments)
    assert says in str(refused.value)


def test_a_comparison_with_an_unknown_model_is_refused() -> None:
    with pytest.raises(frappe.ValidationError, match="There is no attribution model"):
        api.compare("Linear", "Hearsay")


# ---------------------------------------------------------------- for a deal


def test_a_deal_shows_its_journey_and_all_models_side_by_side(story: Story) -> None:
    deal = story.deals[0]
    told = api.deal(deal.name)
    assert (told["value"], told["is_won"], told["is_closed"]) == (100, True, True)
    assert told["closed_at"] == story.won_on[0]
    touches = told["touches"]
    assert [touch["link"] for touch in touches] == [
        story.ads_link.name, story.news_link.name, story.ads_link.name,
    ]  # fmt: skip
    assert [touch["kind"] for touch in touches] == ["Click"] * 3
    assert (touches[0]["variant"], touches[0]["channel"]) == ("A", "Paid Other")
    assert (touches[1]["campaign"], touches[1]["medium"]) == (story.news.name, "email")
    assert touches[0]["at"] == story.won_on[0] - timedelta(days=9)
    assert told["models"][0]["model"] == told["default_model"]
    credits = {model["model"]: model["credits"] for model in told["models"]}
    assert credits.keys() == set(frappe.get_all("Attribution Model", {"is_active": 1}, pluck="name"))
    assert [(one["touch"], one["amount"]) for one in credits["Last Touch"]] == [(touches[2]["touch"], 100)]
    assert [one["amount"] for one in credits["Position Based"]] == [40, 20, 40]
    for model, found in credits.items():
        assert found == [] or round(sum(one["amount"] for one in found), 6) == 100, model
        assert found == [] or sum(one["weight"] for one in found) == pytest.approx(1), model


def test_an_open_deal_and_one_without_touches(story: Story) -> None:
    told = api.deal(story.open.name)
    assert told["is_pending"] is False
    assert (told["is_won"], told["is_closed"], told["closed_at"]) == (False, False, None)
    alone = api.deal(story.without_touches.name)
    assert (alone["touches"], alone["value"]) == ([], 12)
    assert all(model["credits"] == [] for model in alone["models"])


def test_a_deal_says_that_it_is_being_worked_out_again(story: Story) -> None:
    frappe.db.set_value("Attribution Model", "Linear", "pending_change", "another", update_modified=False)
    assert api.deal(story.deals[0].name)["is_pending"] is True


def test_an_unknown_deal_is_refused() -> None:
    with pytest.raises(frappe.DoesNotExistError):
        api.deal(factory.unique("DEAL"))


# ---------------------------------------------------------------- who may


def as_user(user: str) -> None:
    frappe.set_user(user)
    frappe.clear_cache(user=user)


@pytest.mark.parametrize("role", ANALYSTS)
def test_sums_are_for_trackflows_roles(story: Story, role: str) -> None:
    as_user(crm.a_user(role))
    assert amounts(api.credit("Linear"), story.keys)
    assert api.compare("Linear", "Last Touch")["rows"]


def test_a_salesperson_sees_deals_and_no_sums(story: Story, http: Any) -> None:
    http.login(crm.a_user("Sales User"), crm.PASSWORD)

    def get(method: str, **parameters: str) -> Any:
        return http.get(f"/api/method/trackflow.api.attribution.{method}", params=parameters)

    seen = get("deal", deal=story.deals[0].name)
    assert seen.ok, seen.text
    assert len(seen.json()["message"]["touches"]) == 3
    for private in ("Mozilla", "ip_address", "user_agent"):
        assert private not in seen.text
    assert get("credit", model="Linear").status_code == 403
    assert get("compare", model_a="Linear", model_b="Last Touch").status_code == 403


@pytest.mark.parametrize("role", ["Campaign Manager", "Blogger"])
def test_who_may_not_read_deals_is_told_nothing_of_one(story: Story, role: str) -> None:
    as_user(crm.a_user(role))
    with pytest.raises(frappe.PermissionError):
        api.deal(story.deals[0].name)


def test_guests_are_told_nothing(story: Story, http: Any) -> None:
    for method, parameters in (("deal", {"deal": story.deals[0].name}), ("credit", {"model": "Linear"})):
        answer = http.get(f"/api/method/trackflow.api.attribution.{method}", params=parameters)
        assert answer.status_code == 403


def test_a_site_without_deals_has_no_credit_at_all() -> None:
    assert api.credit("Linear", "campaign", "1970-01-01", "1970-12-31")["rows"] == []
