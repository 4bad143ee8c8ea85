"""Sessions: which visit a click belongs to."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.sessions import Session, extend, find
from trackflow.domain.touchpoints import Touch

from .builders import NOON, after, direct, touch, visitor

TICK = timedelta(microseconds=1)
HALF_HOUR = timedelta(minutes=30)


def session(name: str = "s", start=NOON, end=NOON, source: str = "newsletter", **known: object) -> Session:
    return Session(name=name, visitor_id=visitor(1), start=start, end=end, source=source, **known)


def visits(touches: list[Touch]) -> list[Session]:
    """The sessions that touches make when they are told in this order."""
    found: dict[str, Session] = {}
    for one in touches:
        own = find(found.values(), one) or Session(
            one.name, visitor(1), one.at, one.at, one.source, one.medium, one.campaign
        )
        found[own.name] = extend(own, one.at, "", clicks=1)
    return list(found.values())


@pytest.mark.parametrize(
    ("at", "belongs"),
    [
        (NOON, True),
        (after(minutes=10), True),
        (after(minutes=10) + HALF_HOUR - TICK, True),
        (after(minutes=10) + HALF_HOUR, False),
        (NOON - HALF_HOUR + TICK, True),
        (NOON - HALF_HOUR, False),
        (after(days=1), False),
    ],
)
def test_a_session_ends_after_30_minutes_without_activity(at, belongs):
    visit = session(end=after(minutes=10))
    assert find([visit], touch("t", at)) == (visit if belongs else None)


@pytest.mark.parametrize(
    "other",
    [touch("t", source="google"), touch("t", medium="cpc"), touch("t", campaign="Spring")],
    ids=["source", "medium", "campaign"],
)
def test_a_new_campaign_begins_a_session(other):
    assert find([session()], other) is None


def test_the_same_campaign_begins_none():
    visit = session(medium="email", campaign="Spring")
    assert find([visit], touch("t", medium="email", campaign="Spring", content="button")) == visit


def test_direct_begins_no_session_within_another():
    assert find([session()], direct("t", after(minutes=5))) == session()


def test_direct_begins_a_session_where_there_is_none():
    assert find([], direct("t")) is None
    assert find([session()], direct("t", after(minutes=31))) is None


def test_a_campaign_after_a_direct_visit_begins_a_session():
    assert find([session(source="")], touch("t", after(minutes=5))) is None


def test_a_direct_touch_continues_the_latest_of_several():
    earlier, later = session("a"), session("b", start=after(minutes=5), end=after(minutes=5), source="google")
    assert find([later, earlier], direct("t", after(minutes=6))) == later


def test_a_late_arrival_finds_its_place_by_its_own_time():
    morning, evening = session("a"), session("b", start=after(minutes=300), end=after(minutes=310))
    assert find([morning, evening], touch("t", after(minutes=20))) == morning
    assert find([morning, evening], touch("t", after(minutes=290))) == evening
    assert find([morning, evening], touch("t", after(minutes=150))) is None


def test_the_order_in_which_near_touches_are_told_makes_no_difference():
    told = [touch("a"), touch("b", after(minutes=20)), touch("c", after(minutes=40))]
    for order in ([0, 1, 2], [1, 0, 2], [2, 1, 0]):
        (visit,) = visits([told[i] for i in order])
        assert (visit.start, visit.end, visit.clicks) == (NOON, after(minutes=40), 3)


def test_a_campaign_that_comes_back_after_another_one_begins_a_new_session():
    told = [
        touch("a", campaign="X"),
        touch("b", after(minutes=5), campaign="Y"),
        touch("c", after(minutes=10), campaign="X"),
    ]
    assert len(visits(told)) == 3


@given(st.lists(st.integers(0, 300), min_size=1, max_size=20))
def test_touches_told_in_order_are_parted_exactly_by_the_half_hours_between_them(minutes):
    minutes.sort()
    gaps = sum(late - early >= 30 for early, late in pairwise(minutes))
    assert len(visits([touch(f"t{i}", after(minutes=m)) for i, m in enumerate(minutes)])) == gaps + 1


@given(st.lists(st.tuples(st.integers(0, 120), st.sampled_from(["", "google", "mail"])), max_size=20))
def test_every_touch_belongs_to_exactly_one_session(told):
    made = visits([touch(f"t{i}", after(minutes=m), source) for i, (m, source) in enumerate(told)])
    assert sum(visit.clicks for visit in made) == len(told)
    assert all(visit.start <= visit.end for visit in made)


def test_a_session_remembers_its_first_and_last_page():
    visit = session(entry_page="/b", exit_page="/b")
    for minute, page in [(5, "/c"), (-5, "/a"), (2, "/x")]:
        visit = extend(visit, after(minutes=minute), page, page_views=1)
    assert (visit.entry_page, visit.exit_page, visit.page_views) == ("/a", "/c", 3)
    assert visit.duration_seconds == 600


@pytest.mark.parametrize(
    ("clicks", "page_views", "bounced"), [(1, 0, True), (0, 1, True), (1, 1, False), (2, 0, False)]
)
def test_a_visit_of_one_thing_is_a_bounce(clicks, page_views, bounced):
    assert session(clicks=clicks, page_views=page_views).is_bounce is bounced
