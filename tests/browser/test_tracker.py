"""The tracker in pages of another website and of this site, in a browser as visitors have it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import frappe
import pytest

from tests import harness
from tests.browser import helpers
from tests.site import crm_factory as crm
from tests.site import factory
from trackflow import ingest
from trackflow.api import tracker as api

SCRIPT = f'<script async defer src="{harness.URL}/assets/trackflow/js/tracker.js"></script>'
PAGE = f"<!doctype html><html><head>{SCRIPT}<title>Prices</title></head><body><h1>Prices</h1></body></html>"
CONSENT = {"cookie_consent_required": 1}


class Website(BaseHTTPRequestHandler):
    """Another website: whatever is asked for, a page with the snippet."""

    def do_GET(self) -> None:
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Requests of tests are no news."""


@pytest.fixture(scope="module")
def website() -> Iterator[str]:
    """The address of a website under another host name than the site's."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Website) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture(autouse=True)
def known_website() -> Iterator[None]:
    frappe.cache.delete_keys("trackflow:page_views:")
    with factory.settings(websites="localhost"):
        yield


@pytest.fixture
def visitor_page(browser: Any, console_errors: list[str]) -> Iterator[Any]:
    """A page of somebody with an ordinary browser: a headless one says that it is a robot."""
    context = helpers.new_context(browser, user_agent=harness.USER_AGENT)
    yield helpers.new_page(context, console_errors)
    context.close()


@pytest.fixture
def url(website: str) -> str:
    """A page that nobody has seen."""
    return f"{website}/{factory.unique()}"


def views(url: str, number: int) -> list[Any]:
    """The page views of what lies at ``url`` and below, once they are this many; no more come."""

    def recorded() -> list[Any]:
        ingest.drain()
        filters = {"page_url": ("like", f"{url}%"), "event_type": "Page View"}
        return frappe.get_all("Visitor Event", filters, ["*"], order_by="name asc")

    harness.wait_until(lambda: len(recorded()) >= number)
    rows = recorded()
    assert [row.page_url for row in rows][number:] == []
    return [row.update(event_data=frappe.parse_json(row.event_data)) for row in rows]


def cookie(page: Any, name: str, host: str = "localhost") -> str:
    return next((c["value"] for c in page.context.cookies() if (c["name"], c["domain"]) == (name, host)), "")


def see(page: Any, url: str, **options: Any) -> None:
    """Open a page and wait until it has told of itself."""
    with page.expect_response(lambda answer: "tracker.page_view" in answer.url) as told:
        page.goto(url, **options)
    told.value.finished()


# ---------------------------------------------------------------- page views


def test_a_page_of_another_website_tells_of_itself_without_asking_for_permission(
    visitor_page, url, console_errors
):
    network, asked = visitor_page.context.new_cdp_session(visitor_page), []
    network.send("Network.enable")
    network.on(
        "Network.requestWillBeSent", lambda event: asked.append((event["type"], event["request"]["method"]))
    )
    see(visitor_page, f"{url}?utm_source=adverts&utm_medium=cpc", referer="https://www.search.example/find")
    (view,) = views(url, 1)
    assert view.event_data["title"] == "Prices"
    assert view.referrer == "https://www.search.example/find"
    harness.wait_until(lambda: cookie(visitor_page, "trackflow_visitor"))
    assert view.visitor == cookie(visitor_page, "trackflow_visitor")
    assert frappe.db.get_value("Visitor Session", view.session, "source") == "adverts"
    see(visitor_page, f"{url}/next")
    assert {(later.visitor, later.session) for later in views(url, 2)} == {(view.visitor, view.session)}
    assert "Preflight" not in {kind for kind, _method in asked}
    assert ("Fetch", "POST") in asked
    assert console_errors == []


def test_pages_that_change_without_being_loaded_count_once_for_each_path(visitor_page, url, console_errors):
    see(visitor_page, url)
    path = urlsplit(url).path
    visitor_page.evaluate(
        "path => { history.pushState({}, '', path + '/cart'); document.title = 'Cart'; }", path
    )
    views(url, 2)
    visitor_page.evaluate("path => history.pushState({}, '', path + '/cart?step=2#top')", path)
    visitor_page.evaluate("path => history.replaceState({}, '', path + '/paid')", path)
    views(url, 3)
    visitor_page.evaluate("() => history.back()")
    first, *rest = views(url, 4)
    assert [view.page_url.removeprefix(url) for view in rest] == ["/cart", "/paid", "/cart"]
    assert [view.event_data["title"] for view in rest] == ["Cart"] * 3
    assert [view.referrer.removeprefix(url) for view in rest] == ["", "/cart", "/paid"]
    assert {view.session for view in rest} == {first.session}
    assert console_errors == []


def test_a_page_that_is_only_prepared_counts_when_it_is_seen(visitor_page, url):
    visitor_page.add_init_script(
        "Object.defineProperty(document, 'prerendering', {configurable: true, get: () => !window.seen})"
    )
    visitor_page.goto(url, wait_until="networkidle")
    assert visitor_page.evaluate("() => Boolean(window.trackflow)")
    visitor_page.wait_for_timeout(300)
    views(url, 0)
    visitor_page.evaluate(
        "() => { window.seen = true; document.dispatchEvent(new Event('prerenderingchange')); }"
    )
    views(url, 1)


def test_a_page_that_comes_back_from_memory_counts_again(visitor_page, url):
    see(visitor_page, url)
    visitor_page.evaluate(
        "() => window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
    )
    views(url, 2)


def test_nothing_that_goes_wrong_reaches_the_page(visitor_page, url):
    thrown: list[str] = []
    visitor_page.on("pageerror", lambda error: thrown.append(str(error)))
    visitor_page.add_init_script(
        """window.fetch = () => { throw new Error("no fetch"); };
        window.rejected = 0;
        window.addEventListener("unhandledrejection", () => window.rejected++);"""
    )
    visitor_page.goto(url, wait_until="networkidle")
    visitor_page.evaluate(
        """() => {
            Object.defineProperty(document, "cookie", { get() { throw new Error("no cookies"); }, set() { throw new Error(); } });
            trackflow.consent(true);
            trackflow.visitor();
            history.pushState({}, "", "/elsewhere");
        }"""
    )
    visitor_page.wait_for_timeout(300)
    assert thrown == []
    assert visitor_page.evaluate("() => window.rejected") == 0


# ---------------------------------------------------------------- who it is


@crm.needs_crm
def test_a_short_link_hands_its_visitor_over_and_the_lead_gets_the_campaign(visitor_page, url):
    campaign = factory.make_campaign(source="fair", medium="badge")
    link = factory.make_link(f"{url}?size=10%20x#prices", campaign=campaign.name, append_visitor_id=1)
    see(visitor_page, f"/r/{link.short_code}")
    shown = visitor_page.evaluate("() => location.search + location.hash")
    assert "tf_visitor" not in shown
    assert shown.startswith("?size=10%20x&utm_source=fair")
    assert shown.endswith("#prices")
    (view,) = views(url, 1)
    click = factory.event_of(link)
    assert (view.visitor, view.session) == (click.visitor_id, click.session)
    harness.wait_until(lambda: visitor_page.evaluate("() => trackflow.visitor()"))
    visitor = visitor_page.evaluate("() => trackflow.visitor()")
    assert visitor == click.visitor_id
    lead = crm.insert_lead(visitor)
    assert (lead.trackflow_source, lead.trackflow_medium, lead.trackflow_campaign) == (
        "fair",
        "badge",
        campaign.name,
    )


@crm.needs_crm
def test_a_lead_that_came_by_a_page_view_alone_gets_its_source(visitor_page, url):
    see(visitor_page, f"{url}?utm_source=partner&utm_medium=banner")
    (view,) = views(url, 1)
    lead = crm.insert_lead(view.visitor)
    assert (lead.trackflow_source, lead.trackflow_medium) == ("partner", "banner")


def test_an_id_in_an_address_that_can_be_none_is_removed_all_the_same(visitor_page, url):
    see(visitor_page, f"{url}?a=1&tf_visitor=v_nonsense&b=2")
    assert visitor_page.evaluate("() => location.search") == "?a=1&b=2"
    (view,) = views(url, 1)
    assert view.visitor != "v_nonsense"


def test_nothing_is_kept_before_the_visitor_agrees(visitor_page, url):
    handed_over = factory.new_visitor()
    with factory.settings(**CONSENT):
        see(visitor_page, f"{url}?utm_source=fair&tf_visitor={handed_over}")
        (first,) = views(url, 1)
        assert first.event_data["consent"] == "Unknown"
        assert [c for c in visitor_page.context.cookies() if c["name"].startswith("trackflow")] == []
        assert visitor_page.evaluate("() => [localStorage.length, sessionStorage.length]") == [0, 0]

        visitor_page.evaluate("() => trackflow.consent(true)")
        _first, again = views(url, 2)
        assert (again.visitor, again.page_url) == (handed_over, first.page_url)
        assert frappe.db.get_value("Visitor Session", again.session, "source") == "fair"
        harness.wait_until(lambda: cookie(visitor_page, "trackflow_visitor") == handed_over)
        see(visitor_page, f"{url}/next")
        assert views(f"{url}/next", 1)[0].visitor == handed_over

        visitor_page.evaluate("() => trackflow.consent(false)")
        assert cookie(visitor_page, "trackflow_visitor") == ""
        see(visitor_page, f"{url}/last")
        (last,) = views(f"{url}/last", 1)
        assert last.event_data["consent"] == "Denied"
        assert last.visitor != handed_over


def test_agreeing_where_nobody_asks_counts_nothing_twice(visitor_page, url):
    see(visitor_page, url)
    visitor_page.evaluate("() => trackflow.consent(true)")
    visitor_page.wait_for_timeout(300)
    views(url, 1)


@pytest.mark.parametrize("setting", ["globalPrivacyControl", "doNotTrack"])
def test_a_browser_that_says_no_keeps_nothing(visitor_page, url, setting):
    value = "true" if setting == "globalPrivacyControl" else "'1'"
    visitor_page.add_init_script(f"Object.defineProperty(navigator, '{setting}', {{ get: () => {value} }})")
    visitor_page.add_init_script("document.cookie = 'trackflow_consent=granted; path=/'")
    with factory.settings(**CONSENT):
        see(visitor_page, url)
        (view,) = views(url, 1)
    assert view.event_data["consent"] == "Denied"
    assert cookie(visitor_page, "trackflow_visitor") == ""


def test_who_opted_out_tells_nothing(visitor_page, url):
    visitor_page.add_init_script("document.cookie = 'trackflow_opt_out=1; path=/'")
    visitor_page.goto(url, wait_until="networkidle")
    visitor_page.wait_for_timeout(300)
    views(url, 0)


# ---------------------------------------------------------------- this site


def test_a_click_and_the_page_of_this_site_are_one_visit_by_a_cookie_that_no_script_reads(visitor_page):
    url = f"{harness.URL}/login"
    link = factory.make_link(f"{url}?{factory.unique()}")
    with factory.settings(track_own_pages=1):
        see(visitor_page, f"/r/{link.short_code}")
    click = factory.event_of(link)
    ingest.drain()
    harness.wait_until(
        lambda: frappe.db.exists("Visitor Event", {"visitor": click.visitor_id, "page_url": url})
    )
    kept = cookie(visitor_page, "trackflow_visitor", urlsplit(harness.URL).hostname)
    assert kept == click.visitor_id
    assert "trackflow_visitor" not in visitor_page.evaluate("() => document.cookie")


# ---------------------------------------------------------------- the settings


def test_settings_hand_the_snippet_out_and_say_whether_page_views_arrive(
    browser, visitor_page, website, url, shot: Callable[..., Any]
):
    see(visitor_page, url)
    with helpers.desk_of(browser, helpers.make_user("tina.tracker@example.com", "TrackFlow Manager")) as (
        desk,
        errors,
    ):
        helpers.open_form(desk, "TrackFlow Settings")
        snippet = api.status()["snippet"]
        helpers.field(desk, "embed_snippet").get_by_text(snippet).wait_for()
        test = helpers.button(desk, "Do Page Views Arrive?")
        test.click()
        answer = helpers.field(desk, "tracker_test")
        answer.get_by_text(f"ago from {url}").wait_for()
        answer.scroll_into_view_if_needed()
        shot(desk, "settings-tracker")
        desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
        helpers.field(desk, "embed_snippet").get_by_text("Copy", exact=True).click()
        assert harness.wait_until(lambda: desk.evaluate("() => navigator.clipboard.readText()")) == snippet

        with factory.settings(websites=""):
            visitor_page.goto(f"{url}/refused", wait_until="networkidle")
        test.click()
        answer.get_by_text(f"{website} was turned away").wait_for()
        assert errors == []
