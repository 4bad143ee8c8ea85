"""The report that says which variant of a link wins: its figures, worked out another way, and who may see it."""

from __future__ import annotations

import math
from datetime import timedelta

import frappe
import pytest
from frappe.desk.query_report import run
from frappe.utils import add_days, now_datetime

from tests.site import crm_factory, factory
from tests.site.factory import make_link, make_variant, new_visitor


def report(link, user="Administrator", **filters):
    frappe.db.commit()
    frappe.set_user(user)
    try:
        return run("Variant Test", filters={"tracked_link": link.name, **filters})
    finally:
        frappe.set_user("Administrator")


def rows_of(answer):
    return {row["variant"]: row for row in answer["result"]}


def verdicts(answer):
    return [card["value"] for card in answer["report_summary"]]


def visit(link, variant, count, **fields):
    """Clicks of new visitors on a variant; returns the visitors."""
    visitors = [new_visitor() for _ in range(count)]
    factory.put_clicks(link, visitors, variant=variant, **fields)
    return visitors


def convert(link, visitors, at=None, conversion_type="Signup"):
    """A conversion of each visitor, tied to the click on the link as the app ties it."""
    from trackflow import conversions, journeys

    at = at or now_datetime() + timedelta(seconds=5)
    for visitor in visitors:
        journey = [touch for touch in journeys.journey_of([visitor], at) if touch.link == link.name]
        conversions.record(
            conversion_type,
            visitor_id=visitor,
            at=at,
            journey=journey,
            credited=journey[-1],
            reference=("Visitor", visitor),
        )
    frappe.db.commit()


@pytest.fixture
def tested(site):
    """A link with two variants."""
    link = make_link()
    for name in ("A", "B"):
        make_variant(link, name, f"https://{name.lower()}.example/")
    return link


def test_figures_are_those_of_the_events_counted_by_hand(tested):
    a, b = visit(tested, "A", 60), visit(tested, "B", 50)
    factory.drain()
    convert(tested, a[:6])
    convert(tested, b[:20])
    answer = report(tested)
    rows = rows_of(answer)
    assert [(rows[name]["visitors"], rows[name]["converted"]) for name in "AB"] == [(60, 6), (50, 20)]
    assert [rows[name]["rate"] for name in "AB"] == pytest.approx([10, 40])
    # The chi-square test of the table, worked out cell by cell.
    cells = [(6, 26 * 60 / 110), (54, 84 * 60 / 110), (20, 26 * 50 / 110), (30, 84 * 50 / 110)]
    chi_square = sum((seen - expected) ** 2 / expected for seen, expected in cells)
    assert rows["A"]["p_value"] == pytest.approx(math.erfc(math.sqrt(chi_square / 2)))
    assert rows["B"]["chance"] > 99.9
    assert verdicts(answer)[0] == "B wins, 99 % sure"
    assert answer["chart"]["data"]["labels"] == ["A", "B"]
    assert answer["chart"]["data"]["datasets"][0]["values"] == [10, 40]


def test_only_people_count_and_each_once(tested):
    visitors = visit(tested, "A", 3)
    factory.put_clicks(tested, visitors, variant="A", at=now_datetime() + timedelta(minutes=5))
    visit(tested, "A", 4, user_agent=factory.GOOGLEBOT)
    factory.drain()
    # One visitor, many conversions.
    convert(tested, visitors[:1])
    convert(tested, visitors[:1], conversion_type="Purchase")
    row = rows_of(report(tested))["A"]
    assert (row["visitors"], row["converted"]) == (3, 1)


def test_visitors_who_saw_several_variants_are_left_out_and_counted(tested):
    both = visit(tested, "A", 2)
    factory.put_clicks(tested, both, variant="B", at=now_datetime() + timedelta(minutes=5))
    visit(tested, "A", 5)
    visit(tested, "B", 1)
    factory.drain()
    convert(tested, both, at=now_datetime() + timedelta(minutes=9))
    answer = report(tested)
    assert [(row["visitors"], row["converted"]) for row in answer["result"]] == [(5, 0), (1, 0)]
    assert "2 visitors are left out" in answer["message"]


def test_days_are_those_of_the_clicks_both_included(tested):
    today = now_datetime().replace(hour=12, minute=0, second=0, microsecond=0)
    for days in (0, 1, 2, 3):
        visit(tested, "A", 1 + days, at=today - timedelta(days=days))
    factory.drain()
    answer = report(
        tested, from_date=str(add_days(today, -2).date()), to_date=str(add_days(today, -1).date())
    )
    assert rows_of(answer)["A"]["visitors"] == 5


def test_conversions_before_the_days_asked_for_do_not_count(tested):
    now = now_datetime()
    visitors = visit(tested, "A", 2, at=now - timedelta(days=10))
    factory.drain()
    convert(tested, visitors, at=now - timedelta(days=9))
    factory.put_clicks(tested, visitors, variant="A", at=now - timedelta(days=1))
    factory.drain()
    row = rows_of(report(tested, from_date=str((now - timedelta(days=2)).date())))["A"]
    assert (row["visitors"], row["converted"]) == (2, 0)


def test_it_says_that_it_is_too_early(tested):
    visit(tested, "A", 10)
    visit(tested, "B", 10)
    factory.drain()
    answer = report(tested)
    assert verdicts(answer) == ["Too early", "Too early"]
    assert answer["message"].startswith("Conversions: at least 20 visitors who convert or buy are needed")


def test_it_says_how_many_visitors_would_decide(tested):
    a, b = visit(tested, "A", 40), visit(tested, "B", 40)
    factory.drain()
    convert(tested, a[:10])
    convert(tested, b[:15])
    answer = report(tested)
    assert verdicts(answer)[0] == "B leads, 88 % sure"
    # (1.96 √(2 · 0.3125 · 0.6875) + 0.8416 √(0.25 · 0.75 + 0.375 · 0.625))² / 0.125² = 214.7 for each of the two.
    assert "takes about 430 visitors to be sure of, 80 so far" in answer["message"]


def test_a_link_without_visitors_shows_its_variants_and_no_verdict(tested):
    answer = report(tested)
    assert [(row["variant"], row["visitors"]) for row in answer["result"]] == [("A", 0), ("B", 0)]
    assert verdicts(answer) == ["Nothing to compare"] * 2
    assert answer["message"] == "At least two variants need visitors."
    assert not answer.get("chart")


def test_a_variant_that_was_deleted_still_has_its_visitors(tested):
    visit(tested, "B", 3)
    factory.drain()
    frappe.delete_doc(
        "Campaign Link Variant",
        frappe.db.get_value("Campaign Link Variant", {"tracked_link": tested.name, "variant_name": "B"}),
    )
    row = rows_of(report(tested))["B"]
    assert (row["visitors"], row["variant_id"], row["active"]) == (3, None, 0)


@crm_factory.needs_crm
def test_won_value_is_what_the_credit_for_deals_says(site):
    link = make_link()
    for name in ("A", "B"):
        make_variant(link, name, f"https://{name.lower()}.example/")
    a, b = visit(link, "A", 4), visit(link, "B", 5)
    factory.drain()
    for visitor, value, status in (
        (a[0], 100, "Won"),
        (b[0], 700, "Won"),
        (b[1], 300, "Won"),
        (b[2], 50, "Lost"),
    ):
        lead = crm_factory.insert_lead(visitor)
        deal = crm_factory.insert_deal(lead, value)
        crm_factory.save(deal, status=status)
    rows = rows_of(report(link))
    assert [(rows[n]["buyers"], rows[n]["value"]) for n in "AB"] == [(1, 100), (2, 1000)]
    assert [rows[n]["value_per_visitor"] for n in "AB"] == [25, 200]
    assert rows["B"]["value_chance"] > rows["A"]["value_chance"]
    assert rows["A"]["value_low"] <= 25 <= rows["A"]["value_high"]


def test_somebody_without_a_right_to_the_link_sees_nothing(tested):
    user = crm_factory.a_user("Blogger")
    with pytest.raises(frappe.PermissionError):
        report(tested, user)
    manager = crm_factory.a_user("Campaign Manager")
    assert len(report(tested, manager)["result"]) == 2


def test_a_link_that_a_user_may_not_see_is_refused(tested):
    manager = crm_factory.make_user("Campaign Manager")
    own = make_link()
    frappe.get_doc(doctype="User Permission", user=manager, allow="Tracked Link", for_value=own.name).insert()
    with pytest.raises(frappe.PermissionError):
        report(tested, manager)


def test_missing_and_crossed_filters_are_explained(tested):
    assert run("Variant Test", filters={})["message"].startswith("Choose the link")
    with pytest.raises(frappe.ValidationError, match="From Date is later than To Date"):
        report(tested, from_date="2026-05-02", to_date="2026-05-01")


def test_names_of_variants_are_no_html(site):
    link = make_link()
    for name, count in (("<b>A</b>", 30), ("B", 60)):
        make_variant(link, name, "https://a.example/")
        convertible = visit(link, name, 60)
        factory.drain()
        convert(link, convertible[: count - 5])
    assert "<b>" not in verdicts(report(link))[0]
