"""Page views: where they came from, and which visit they belong to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.ledger import Known, settle, settle_pages
from trackflow.domain.links import Utm
from trackflow.domain.page_views import PageView, touch_of, utm_of

from .builders import CHROME, GOOGLEBOT, after, click, visitor

SOMEBODY = visitor(1)
MAIL = Utm(source="newsletter", medium="email", campaign="spring")
LANDING = "https://shop.example/?utm_source=newsletter&utm_medium=email&utm_campaign=spring"


def view(name, at, url="https://shop.example/", **known):
    return PageView(name, SOMEBODY, at, url, **({"user_agent": CHROME} | known))


@pytest.mark.parametrize(
    ("url", "utm"),
    [
        (LANDING, MAIL),
        ("https://shop.example/?utm_source=a&utm_source=b", Utm(source="a")),
        ("https://shop.example/?utm_campaign=Fr%C3%BChling", Utm(campaign="Frühling")),
        ("https://shop.example/", Utm()),
        ("https://[broken", Utm()),
    ],
)
def test_utm_parameters_are_read_from_the_address(url, utm):
    assert utm_of(url) == utm


@given(st.text())
def test_no_address_makes_it_raise(text):
    assert len(utm_of(text).source) <= 140
    touch_of(PageView("p", SOMEBODY, after(0), text, text))


@pytest.mark.parametrize(
    ("referrer", "source"),
    [
        ("https://blog.example/post", "blog.example"),
        ("https://shop.example/other", ""),
        ("https://www.shop.example/", ""),
        ("https://help.shop.example/", ""),
        ("https://notshop.example/", "notshop.example"),
        ("https://go.example/r/abc", ""),
        ("", ""),
    ],
)
def test_only_a_page_of_somebody_else_brings_a_visitor(referrer, source):
    assert touch_of(view("p", after(0), referrer=referrer), {"go.example"}).source == source


def test_a_first_page_view_makes_visitor_and_session():
    ledger = settle_pages([view("p", after(0), LANDING, referrer="https://mail.example/")], Known())
    (session,) = ledger.sessions.values()
    assert (session.name, session.source, session.campaign) == ("p", "newsletter", "spring")
    assert (session.page_views, session.clicks, session.entry_page) == (1, 0, LANDING)
    seen = ledger.visitors[SOMEBODY]
    assert (seen.page_views, seen.sessions, seen.clicks, seen.source) == (1, 1, 0, "newsletter")
    assert [page.session for page in ledger.pages] == ["p"]


def test_pages_of_one_visit_are_one_session_and_a_bounce_is_only_one_page():
    told = [view("p", after(0), LANDING), view("q", after(minutes=10)), view("r", after(minutes=39))]
    (session,) = settle_pages(told, Known()).sessions.values()
    assert (session.page_views, session.is_bounce, session.exit_page) == (3, False, "https://shop.example/")


@pytest.mark.parametrize(
    ("later", "sessions"),
    [
        (view("q", after(minutes=31)), 2),
        (view("q", after(minutes=5), referrer="https://blog.example/"), 2),
        (view("q", after(minutes=5), "https://shop.example/?utm_source=adverts"), 2),
        (view("q", after(minutes=5), referrer="https://shop.example/cart"), 1),
    ],
    ids=["after 30 minutes", "another site", "another campaign", "the same site"],
)
def test_what_begins_a_session(later, sessions):
    assert len(settle_pages([view("p", after(0), LANDING), later], Known()).sessions) == sessions


def test_the_landing_page_goes_on_with_the_clicks_session():
    """Also where the page is told of before the click is drained."""
    known = Known()
    settle([click("a", after(0), campaign="Spring 24", utm=MAIL, destination_url=LANDING)], known)
    landing = view("p", after(1), LANDING, campaign="Spring 24")
    (session,) = settle_pages([landing], known).sessions.values()
    assert (session.name, session.clicks, session.page_views) == ("a", 1, 1)

    known = Known()
    settle_pages([landing], known)
    late = settle([click("a", after(0), campaign="Spring 24", utm=MAIL, destination_url=LANDING)], known)
    (session,) = late.sessions.values()
    assert (session.name, session.start) == ("p", after(0)), "so the page was not the first thing seen"


@pytest.mark.parametrize("agent", [GOOGLEBOT, ""])
def test_robots_leave_nothing(agent):
    ledger = settle_pages([view("p", after(0), user_agent=agent)], Known())
    assert not (ledger.pages or ledger.sessions or ledger.visitors)
