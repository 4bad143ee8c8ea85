"""Past clicks are judged again, all counters follow exactly, and every change of verdict is recorded."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pytest
from frappe.desk.query_report import run
from frappe.utils import now_datetime

from tests.site import crm_factory as crm
from tests.site import factory, killed
from tests.site.factory import make_campaign, make_link, make_variant, new_visitor
from trackflow import ingest, jobs
from trackflow.corrections import rejudge, totals

MONITOR = f"{factory.CHROME} MyMonitor/1.0"

JUDGE = """
from datetime import date
from trackflow.corrections import rejudge

rejudge.BATCH = 7
day = date.fromisoformat(arguments[1])
list(rejudge.run(rejudge.Span(day, day, arguments[0])))
"""


@pytest.fixture
def link():
    link = make_link(campaign=make_campaign().name)
    make_variant(link, "a", "https://a.example/")
    return link


def span(link, day=None):
    day = day or now_datetime().date()
    return rejudge.Span(day - timedelta(days=2), day, link.name)


def again(link, **settings):
    with factory.settings(**settings):
        return sum(changed for _clicks, changed in rejudge.run(span(link)))


def verdicts(link):
    return [event.verdict for event in factory.events(link)]


def assert_exact(link):
    """Counters, daily totals, visitors and sessions say what the events say."""
    frappe.db.commit()
    since = str(now_datetime().date() - timedelta(days=5))
    assert totals.check(since, link.name) == []
    human = [event for event in factory.events(link) if event.verdict == "human"]
    assert sum(event.is_unique for event in human) == len({e.visitor_id for e in human if e.visitor_id})
    visitors = sorted({event.visitor_id for event in factory.events(link) if event.visitor_id})
    rows = frappe.get_all(
        "Visitor", {"name": ("in", visitors)}, ["name", "click_count", "session_count"], as_list=True
    )
    assert not rows or totals._visitor_differences(list(rows)) == []
    reached = frappe.get_all(
        "Visitor Reach",
        {"reference_doctype": "Tracked Link", "reference_name": link.name},
        pluck="visitor_id",
    )
    assert sorted(reached) == sorted({e.visitor_id for e in human if e.visitor_id})


def everything(link):
    """All that clicks on a link have changed, but for when and how it was written down."""
    frappe.db.commit()
    variant = frappe.db.get_value("Campaign Link Variant", {"tracked_link": link.name}, "clicks")
    fields = ["date", "variant", *totals.NUMBERS]
    days = frappe.get_all(
        "Click Daily Total",
        {"tracked_link": link.name},
        fields,
        order_by="date asc, variant asc",
        as_list=True,
    )
    days = [row for row in days if any(row[2:])]
    campaign = frappe.get_doc("Link Campaign", link.campaign)
    last = frappe.db.get_value("Tracked Link", link.name, "last_click")
    events = [
        (e.name, e.verdict, e.visitor_id, e.is_unique, e.is_campaign_unique) for e in factory.events(link)
    ]
    visitors = sorted({e[2] for e in events if e[2]})
    seen = frappe.get_all(
        "Visitor",
        {"name": ("in", visitors)},
        ["name", "click_count", "session_count"],
        order_by="name asc",
        as_list=True,
    )
    return factory.counters(link), factory.counters(campaign), variant, days, last, events, seen


@pytest.fixture
def mixed(link):
    """4 people and the monitor, which came first and twice; one person's next click was its duplicate."""
    now = now_datetime().replace(microsecond=0)
    monitor, person = new_visitor(), new_visitor()
    for days in (1, 0):
        at = now - timedelta(days=days, minutes=1)
        factory.put_clicks(link, [monitor], at=at, variant="a", user_agent=MONITOR)
    factory.put_clicks(link, [person], at=now - timedelta(seconds=30), user_agent=MONITOR, variant="a")
    factory.put_clicks(link, [person], at=now - timedelta(seconds=25), variant="a")
    factory.put_clicks(link, [new_visitor() for _ in range(3)], at=now, variant="a")
    factory.drain()
    assert verdicts(link) == ["human"] * 3 + ["duplicate"] + ["human"] * 3
    return link


# ---------------------------------------------------------------- what changes


def test_clicks_that_a_new_rule_convicts_count_nowhere_any_more(mixed):
    assert factory.counters(mixed) == (6, 5)
    assert again(mixed, bot_user_agents="MyMonitor") == 4
    assert verdicts(mixed) == ["bot"] * 3 + ["human"] * 4
    assert factory.counters(mixed) == (4, 4)
    assert factory.counters(frappe.get_doc("Link Campaign", mixed.campaign)) == (4, 4)
    assert frappe.db.get_value("Campaign Link Variant", {"tracked_link": mixed.name}, "clicks") == 4
    assert_exact(mixed)


def test_the_robots_leave_no_visitor_and_no_session(mixed):
    robot = factory.events(mixed)[0].visitor_id
    again(mixed, bot_user_agents="MyMonitor")
    assert not frappe.db.exists("Visitor", robot)
    assert not frappe.db.exists("Visitor Session", {"visitor_id": robot})


def test_when_the_rule_goes_everything_is_as_before(mixed):
    before = everything(mixed)
    again(mixed, bot_user_agents="MyMonitor")
    assert everything(mixed) != before
    again(mixed)
    after = everything(mixed)
    # Who counts now among two clicks within 10 s may differ, how much counts does not.
    assert after[0] == before[0] and after[1] == before[1] and after[2] == before[2]
    assert_exact(mixed)


def test_it_is_as_if_the_rule_had_always_been_there(link):
    other = make_link(campaign=make_campaign().name)
    make_variant(other, "a", "https://a.example/")
    now = now_datetime().replace(microsecond=0)
    for each, rules in ((link, ""), (other, "MyMonitor")):
        with factory.settings(bot_user_agents=rules):
            people = [new_visitor() for _ in range(3)]
            for number, agent in enumerate((MONITOR, factory.CHROME, MONITOR)):
                at = now - timedelta(hours=5 * number)
                factory.put_clicks(each, people, at=at, variant="a", user_agent=agent)
                factory.drain()
    again(link, bot_user_agents="MyMonitor")

    def comparable(each):
        counted, of_campaign, variant, days, last, events, seen = everything(each)
        return (
            counted,
            of_campaign,
            variant,
            days,
            last,
            [event[1] for event in events],
            [row[1:] for row in seen],
        )

    assert comparable(link) == comparable(other)
    assert_exact(link)


def test_the_next_click_of_a_visitor_is_the_first_when_the_first_counts_no_more(link):
    who, now = new_visitor(), now_datetime()
    for days, agent in ((1, MONITOR), (0, factory.CHROME)):
        factory.put_clicks(link, [who], at=now - timedelta(days=days), user_agent=agent)
        factory.drain()
    again(link, bot_user_agents="MyMonitor")
    assert [(e.verdict, e.is_unique, e.is_campaign_unique) for e in factory.events(link)] == [
        ("bot", 0, 0),
        ("human", 1, 1),
    ]
    reach = {"reference_name": link.name, "visitor_id": who}
    assert frappe.db.get_value("Visitor Reach", reach, "first_click") == now
    assert_exact(link)


def test_internal_ranges_of_today_hold_for_addresses_that_were_kept(link):
    factory.put_clicks(link, [new_visitor()], ip_address="203.0.113.9")
    factory.drain()
    with factory.settings(internal_ranges=["203.0.113.9"], exclude_internal_traffic=1):
        list(rejudge.run(span(link)))
    assert verdicts(link) == ["internal"]
    assert_exact(link)
    again(link)
    assert verdicts(link) == ["human"]
    assert factory.counters(link) == (1, 1)
    assert_exact(link)


def test_clicks_of_other_days_and_links_stay(mixed):
    other = make_link()
    factory.put_clicks(other, [new_visitor()], user_agent=MONITOR)
    factory.put_clicks(mixed, [new_visitor()], at=now_datetime() - timedelta(days=9), user_agent=MONITOR)
    factory.drain()
    again(mixed, bot_user_agents="MyMonitor")
    assert verdicts(other) == ["human"]
    assert verdicts(mixed)[0] == "human"


# ---------------------------------------------------------------- on record, again, and killed


def test_every_change_is_recorded_with_what_it_was(mixed):
    again(mixed, bot_user_agents="MyMonitor")
    changes = frappe.get_all(
        "Verdict Change", {"tracked_link": mixed.name}, ["*"], order_by="click_timestamp asc"
    )
    assert [(c.old_verdict, c.new_verdict) for c in changes] == [("human", "bot")] * 3 + [
        ("duplicate", "human")
    ]
    assert changes[0].new_reason == "robot of your own list: mymonitor"
    assert changes[0].changed_by == "Administrator" and changes[0].changed_at


def test_a_second_time_nothing_changes(mixed):
    again(mixed, bot_user_agents="MyMonitor")
    before = everything(mixed)
    assert again(mixed, bot_user_agents="MyMonitor") == 0
    assert everything(mixed) == before


def test_under_the_same_rules_nothing_changes(mixed):
    before = everything(mixed)
    assert again(mixed) == 0
    assert everything(mixed) == before


def test_the_preview_says_what_would_change_and_changes_nothing(mixed):
    before = everything(mixed)
    with factory.settings(bot_user_agents="MyMonitor"):
        today = now_datetime().date()
        filters = {
            "from_date": str(today - timedelta(days=2)),
            "to_date": str(today),
            "tracked_link": mixed.name,
        }
        rows = run("Click Rejudgement Preview", filters, ignore_prepared_report=True)["result"]
    assert everything(mixed) == before
    told = [
        (row["old_verdict"], row["new_verdict"]) if isinstance(row, dict) else (row[4], row[6])
        for row in rows
    ]
    assert told == [("human", "bot")] * 3 + [("duplicate", "human")]


def test_a_rejudgement_in_desk_runs_in_the_background(mixed, wait_until):
    with factory.settings(bot_user_agents="MyMonitor"):
        today = now_datetime().date()
        days = {"from_date": today - timedelta(days=2), "to_date": today, "tracked_link": mixed.name}
        doc = frappe.get_doc(doctype="Click Rejudgement", **days).insert()
        frappe.db.commit()
        fields = ["status", "clicks", "judged", "changed"]
        wait_until(lambda: frappe.db.get_value(doc.doctype, doc.name, "status") == "Finished", timeout=60)
    assert frappe.db.get_value(doc.doctype, doc.name, fields) == ("Finished", 7, 7, 4)
    assert frappe.db.count("Verdict Change", {"rejudgement": doc.name}) == 4
    assert_exact(mixed)


def test_killed_at_any_statement_it_can_be_done_again_and_all_is_exact(link):
    now, people = now_datetime().replace(microsecond=0), [new_visitor() for _ in range(12)]
    for number in range(3):
        at = now - timedelta(minutes=20 * number)
        agent = MONITOR if number % 2 == 0 else factory.CHROME
        factory.put_clicks(link, people, at=at, variant="a", user_agent=agent)
    factory.drain()
    days = sorted({str((now - timedelta(minutes=20 * number)).date()) for number in range(3)})
    with factory.settings(bot_user_agents="MyMonitor"):
        for day in days:
            assert any(killed.run(JUDGE, range(8, 130, 6), link.name, day))
        assert_exact(link)
        list(rejudge.run(span(link)))
    assert factory.counters(link) == (12, 12)
    assert_exact(link)


def test_beside_a_drain_nothing_is_lost(link):
    now, people = now_datetime().replace(microsecond=0), [new_visitor() for _ in range(20)]
    factory.put_clicks(link, people, at=now - timedelta(hours=2), variant="a", user_agent=MONITOR)
    factory.drain()
    more = [factory.put_clicks(link, people, at=now - timedelta(minutes=m), variant="a") for m in (90, 45)]

    def work(job):
        if job == "rejudge":
            return sum(changed for _clicks, changed in rejudge.run(span(link)))
        for _try in range(30):
            try:
                with jobs.read_committed():
                    return ingest._process(20, job)
            except frappe.QueryDeadlockError:
                frappe.db.rollback()

    with factory.settings(bot_user_agents="MyMonitor"):
        factory.in_threads(work, ["rejudge", *more])
        factory.drain()
    assert factory.counters(link) == (40, 20)
    assert_exact(link)


@crm.needs_crm
def test_deals_are_credited_again_to_the_clicks_that_still_count(wait_until):
    _, first = crm.campaign_link(source="adverts", medium="cpc")
    _, last = crm.campaign_link(source="newsletter", medium="email")
    deal = crm.convert(crm.insert_lead(crm.visited(first, last)))

    def links_of_deal():
        return {row.tracked_link for row in crm.rows("Deal Link Association", deal_id=deal.name)}

    wait_until(lambda: links_of_deal() == {first.name, last.name})
    (event,) = factory.events(first)
    frappe.db.set_value("Click Event", event.name, "user_agent", MONITOR)
    frappe.db.commit()
    assert again(first, bot_user_agents="MyMonitor") == 1
    wait_until(lambda: links_of_deal() == {last.name}, timeout=60)
