"""The ledger: what single clicks change."""

import pytest

from trackflow.domain.clicks import Ruling, Verdict
from trackflow.domain.ledger import Known, campaign_of, settle
from trackflow.domain.links import Utm

from .builders import CHROME, GOOGLEBOT, after, click, visitor

SOMEBODY = visitor(1)
MAIL = Utm(source="newsletter", medium="email", term="t", content="c")


def verdicts(ledger) -> list[str]:
    return [settled.ruling.verdict.value for settled in ledger.clicks]


def test_nothing_changes_nothing():
    ledger = settle([], Known())
    assert not (ledger.clicks or ledger.visitors or ledger.sessions or ledger.reaches or ledger.links)


def test_a_first_click_makes_visitor_session_reach_and_counters():
    ledger = settle([click("a", campaign="C", variant="x", destination_url="https://shop.example/")], Known())
    assert verdicts(ledger) == ["human"]
    assert [settled.is_unique for settled in ledger.clicks] == [True]
    assert set(ledger.visitors) == {SOMEBODY}
    assert [(one.name, one.clicks) for one in ledger.sessions.values()] == [("a", 1)]
    assert {reach.pair for reach in ledger.reaches} == {
        ("Tracked Link", "L", SOMEBODY),
        ("Link Campaign", "C", SOMEBODY),
    }
    for tally in (ledger.links["L"], ledger.campaigns["C"], ledger.variants["L", "x"]):
        assert (tally.clicks, tally.uniques, tally.last_click) == (1, 1, after(0))


@pytest.mark.parametrize(
    "known",
    [
        {"user_agent": GOOGLEBOT},
        {"user_agent": ""},
        {"ruling": Ruling(Verdict.PREFETCH, "Purpose: prefetch")},
        {"ruling": Ruling(Verdict.OPTED_OUT, "the visitor opted out of tracking")},
        {"ruling": Ruling(Verdict.INTERNAL, "address in an internal range")},
    ],
    ids=["bot", "no user agent", "prefetch", "opted out", "internal"],
)
def test_clicks_of_robots_and_opted_out_people_leave_only_the_event(known):
    everything = Known()
    ledger = settle([click("a", campaign="C", variant="x", **known)], everything)
    (settled,) = ledger.clicks
    assert (settled.session, settled.visitor_id, settled.is_unique) == ("", "", False)
    assert not (ledger.visitors or ledger.sessions or ledger.reaches)
    assert not (ledger.links or ledger.campaigns or ledger.variants)
    assert everything == Known()


def test_a_robot_does_not_make_the_human_after_it_a_duplicate():
    assert verdicts(settle([click("a", user_agent=GOOGLEBOT), click("b", after(1))], Known())) == [
        "bot",
        "human",
    ]


def test_a_duplicate_is_stored_and_not_counted():
    ledger = settle(
        [click("a", campaign="C", variant="x"), click("b", after(9.999), campaign="C", variant="x")], Known()
    )
    assert verdicts(ledger) == ["human", "duplicate"]
    assert [settled.is_unique for settled in ledger.clicks] == [True, False]
    assert ledger.links["L"].clicks == ledger.campaigns["C"].clicks == ledger.variants["L", "x"].clicks == 1
    assert ledger.visitors[SOMEBODY].clicks == 1
    assert ledger.sessions["a"].clicks == 1


def test_a_duplicate_belongs_to_the_session_and_keeps_the_visitor_seen():
    ledger = settle([click("a"), click("b", after(5))], Known())
    assert [settled.session for settled in ledger.clicks] == ["a", "a"]
    assert ledger.visitors[SOMEBODY].last_seen == ledger.sessions["a"].end == after(5)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({"at": after(10)}, "human"),
        ({"at": after(1), "link": "M"}, "human"),
        ({"at": after(1), "visitor_id": visitor(2)}, "human"),
        ({"at": after(1), "user_agent": CHROME.replace("124", "125")}, "duplicate"),
    ],
    ids=["10 seconds later", "another link", "another visitor", "another browser version"],
)
def test_a_duplicate_is_the_same_visitor_on_the_same_link_within_10_seconds(second, expected):
    assert verdicts(settle([click("a"), click("b", **second)], Known())) == ["human", expected]


def test_duplicates_do_not_prolong_the_window():
    ledger = settle([click("a"), click("b", after(9)), click("c", after(11))], Known())
    assert verdicts(ledger) == ["human", "duplicate", "human"]


def test_a_click_that_arrives_late_is_a_duplicate_of_the_one_after_it():
    known = Known()
    settle([click("a", after(5))], known)
    assert verdicts(settle([click("b", after(0))], known)) == ["duplicate"]
    assert verdicts(settle([click("c", after(-5))], known)) == ["human"]


def test_a_unique_click_is_the_first_of_a_visitor_on_a_link_for_ever():
    known = Known()
    settle([click("a", campaign="C")], known)
    ledger = settle(
        [click("b", after(days=400), campaign="C"), click("c", after(days=401), link="M", campaign="C")],
        known,
    )
    assert (ledger.links["L"].clicks, ledger.links["L"].uniques) == (1, 0)
    assert (ledger.links["M"].clicks, ledger.links["M"].uniques) == (1, 1)
    assert (ledger.campaigns["C"].clicks, ledger.campaigns["C"].uniques) == (2, 0)


def test_the_last_click_of_a_counter_is_the_latest_even_if_told_first():
    ledger = settle([click("b", after(100)), click("a", after(0))], Known())
    assert ledger.links["L"].last_click == after(100)


def test_the_first_touch_is_never_overwritten_by_a_later_one():
    known = Known()
    settle([click("a", utm=MAIL, referrer="https://mail.example/")], known)
    settle([click("b", after(days=1), utm=Utm(source="google"), referrer="https://google.example/")], known)
    seen = known.visitors[SOMEBODY]
    assert (seen.source, seen.medium, seen.term, seen.content) == ("newsletter", "email", "t", "c")
    assert (seen.referrer, seen.first_seen, seen.last_seen) == (
        "https://mail.example/",
        after(0),
        after(days=1),
    )
    assert (seen.clicks, seen.sessions) == (2, 2)


def test_the_first_touch_is_the_earliest_even_if_told_last():
    known = Known()
    settle([click("b", after(days=1), utm=Utm(source="google"))], known)
    settle([click("a", utm=MAIL)], known)
    seen = known.visitors[SOMEBODY]
    assert (seen.source, seen.first_seen, seen.last_seen) == ("newsletter", after(0), after(days=1))
    assert (seen.clicks, seen.sessions) == (2, 2)


def test_a_new_campaign_begins_a_session_and_direct_does_not():
    clicks = [
        click("a", utm=MAIL),
        click("b", after(60), link="M"),
        click("c", after(120), utm=Utm(source="google")),
    ]
    assert [settled.session for settled in settle(clicks, Known()).clicks] == ["a", "a", "c"]


def test_a_session_carries_its_own_origin_and_device():
    ledger = settle(
        [
            click("a", utm=MAIL, campaign="C", destination_url="/x"),
            click("b", after(60), utm=MAIL, campaign="C", destination_url="/y"),
        ],
        Known(),
    )
    session = ledger.sessions["a"]
    assert (session.source, session.medium, session.campaign) == ("newsletter", "email", "C")
    assert (session.device_type, session.browser, session.os) == ("Desktop", "Chrome", "Windows")
    assert (session.entry_page, session.exit_page, session.clicks) == ("/x", "/y", 2)


def test_replaying_a_batch_makes_the_same_sessions():
    clicks = [click("a"), click("b", after(minutes=45)), click("c", after(minutes=50))]
    assert settle(clicks, Known()).sessions == settle(clicks, Known()).sessions
    assert set(settle(clicks, Known()).sessions) == {"a", "b"}


def test_a_referrer_is_the_origin_where_there_are_no_parameters():
    ledger = settle([click("a", referrer="https://www.blog.example/post")], Known())
    assert (ledger.visitors[SOMEBODY].source, ledger.visitors[SOMEBODY].medium) == (
        "blog.example",
        "referral",
    )


def test_a_human_click_without_a_visitor_id_counts_as_a_click():
    ledger = settle([click("a", visitor_id="")], Known())
    assert verdicts(ledger) == ["human"]
    assert ledger.links["L"].clicks == 1


@pytest.mark.parametrize(
    ("campaign", "utm", "expected"),
    [("C", Utm(campaign="u"), "C"), ("", Utm(campaign="u"), "u"), ("", Utm(), "")],
)
def test_a_campaign_goes_by_its_record_else_by_its_utm_name(campaign, utm, expected):
    assert campaign_of(campaign, utm) == expected
