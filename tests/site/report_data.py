"""A few weeks of two campaigns, for the tests of reports: small enough to be counted by hand."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

import frappe
from frappe.desk.query_report import run
from frappe.utils import now_datetime

from tests.site import crm_factory as crm
from tests.site import factory


class Season:
    """Clicks, leads and deals of the last 20 days; some clicks don't count."""

    def __init__(self) -> None:
        self.now = now_datetime().replace(microsecond=0)
        self.start, self.today = (self.now - timedelta(days=20)).date(), self.now.date()
        self.source = factory.unique("adverts")
        self.ads, self.a1 = crm.campaign_link(
            source=self.source, medium="cpc", budget=500, start_date=self.day(-15).date()
        )
        self.a2 = factory.make_link(campaign=self.ads.name, title=factory.unique("Second"))
        self.news, self.b1 = crm.campaign_link(source=factory.unique("letter"), medium="email")
        self.c1 = crm.direct_link()
        self.links = [self.a1, self.a2, self.b1, self.c1]
        self.visitors = [factory.new_visitor() for _ in range(4)]
        self._click()
        self._sell()

    def day(self, days: int, **at: int) -> datetime:
        """Noon of a day, so many days from today."""
        noon = self.now.replace(hour=12, minute=0, second=0) + timedelta(days=days)
        return noon.replace(**at)

    def _click(self) -> None:
        one, two, three, four = self.visitors
        for link, visitor, at in (
            (self.a1, one, self.day(-12)),
            (self.b1, one, self.day(-5)),
            (self.a1, one, self.day(-2)),
            (self.a1, two, self.day(-12)),
            (self.a1, two, self.day(-12, second=3)),
            (self.a2, two, self.day(-3, hour=23, minute=59)),
            (self.b1, three, self.day(-4, hour=0)),
            (self.c1, four, self.day(-4)),
        ):
            crm.visit(link, visitor, at=at)
        robots = [factory.new_visitor() for _ in range(3)]
        factory.put_clicks(self.a1, robots, at=self.day(-12), user_agent=factory.GOOGLEBOT)
        factory.put_clicks(self.b1, robots[:1], at=self.day(-5), user_agent="curl/8.0")
        factory.drain()

    def _sell(self) -> None:
        one, two, three, _four = self.visitors
        self.leads = [self._lead(visitor) for visitor in (one, three)]
        self.first = crm.insert_deal(self.leads[0], 1000, wait=False)
        self.second = crm.insert_deal(value=90.03, trackflow_visitor_id=two, wait=False)
        self.lost = crm.insert_deal(self.leads[1], 70, wait=False)
        self.open = crm.insert_deal(value=400, trackflow_visitor_id=three, wait=False)
        crm.finish_jobs()
        self.first = crm.close(self.first, self.day(-1))
        self.second = crm.close(self.second, self.day(-2, hour=23))
        self.lost = crm.close(self.lost, self.day(-1), "Lost")
        crm.finish_jobs()

    def _lead(self, visitor: str) -> Any:
        return frappe.get_doc(doctype="CRM Lead", **crm.person(trackflow_visitor_id=visitor)).insert()

    @property
    def deals(self) -> list[Any]:
        return [self.first, self.second, self.lost, self.open]

    @property
    def won(self) -> list[Any]:
        return [self.first, self.second]


# ---------------------------------------------------------------- counted another way


def events(links: Iterable[Any], since: date, until: date, verdict: str = "human") -> list[Any]:
    """The events of these links from one day to another, read one by one."""
    rows = [row for link in links for row in factory.events(link) if row.verdict == verdict]
    return [row for row in rows if since <= row.click_timestamp.date() <= until]


def newcomers(links: Iterable[Any], since: date, until: date, of: Callable[[Any], str]) -> Counter:
    """How many visitors clicked for the first time ever, by what ``of`` says of a click."""
    first: dict[tuple[str, str], Any] = {}
    for row in events(links, date.min, date.max):
        pair = (of(row) or "", row.visitor_id)
        first[pair] = min(first.get(pair, row.click_timestamp), row.click_timestamp)
    return Counter(name for (name, _visitor), at in first.items() if since <= at.date() <= until)


def credited(deals: Iterable[Any], model: str, field: str) -> dict[str, float]:
    """What each campaign or the like earned, from the credits of each deal, one by one."""
    sums: dict[str, float] = defaultdict(float)
    for deal in deals:
        for row in crm.credits_of(deal, model):
            sums[row.get(field) or ""] += row.amount
    return {name: round(amount, 6) for name, amount in sums.items()}


def shares(deals: Iterable[Any], model: str, field: str) -> dict[str, float]:
    """How many deals each is credited with, from the touch points."""
    sums: dict[str, float] = defaultdict(float)
    for deal in deals:
        filters = {"deal_id": deal.name, "attribution_model": model}
        for point in json.loads(frappe.db.get_value("Deal Attribution", filters, "touch_points")):
            sums[point[field]] += point["weight"]
    return {name: round(share, 6) for name, share in sums.items() if share}


# ---------------------------------------------------------------- reports


def report(name: str, user: str = "Administrator", **filters: Any) -> dict:
    """Run a report as Desk does."""
    frappe.db.commit()
    frappe.set_user(user)
    frappe.clear_cache(user=user)
    try:
        return run(name, filters={key: value for key, value in filters.items() if value is not None})
    finally:
        frappe.set_user("Administrator")


def rows_by(answer: dict, fieldname: str) -> dict[Any, dict]:
    return {row[fieldname]: row for row in answer["result"] if fieldname in row}


def cards(answer: dict) -> dict[str, Any]:
    return {card["label"]: card["value"] for card in answer["report_summary"]}
