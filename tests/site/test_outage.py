"""Neither MariaDB nor Redis: what visitors of short links see, and what becomes of their clicks."""

from __future__ import annotations

from types import SimpleNamespace

import frappe
import pytest
from frappe.installer import update_site_config

from tests import harness
from tests.site import factory
from tests.site.factory import DESTINATION, click, make_link
from tests.site.services import local_bench, stopped
from trackflow import links

pytestmark = local_bench

ALL = ("mariadb", "redis_cache", "redis_queue")
# Of several processes of the web server, so that most of them have not seen the link themselves.
ANSWERS = 20


def seen(link):
    click(link)
    return link


def post(link, password):
    return harness.http_client().post(f"/r/{link.short_code}", data={"password": password})


@pytest.fixture(scope="module")
def outage():
    """Answers from the time in which nothing but the web server runs."""
    open_, locked = make_link(), make_link(password_protected=1, new_password="sesame")
    limited, expired = (
        make_link(max_clicks=1000),
        make_link(status="Paused", fallback_url="https://closed.example/"),
    )
    unseen = make_link()
    for link in (open_, locked, limited, expired):
        seen(link)
    http = harness.http_client()
    with stopped(*ALL):
        answers = SimpleNamespace(
            open=[click(open_, harness.http_client()) for _ in range(ANSWERS)],
            head=http.head(f"/r/{open_.short_code}"),
            logged_in=http.get(f"/r/{open_.short_code}", cookies={"sid": "somebody"}),
            preview=http.get(f"/r/{open_.short_code}+"),
            unknown=[http.get(f"/r/{factory.unique()}"), click(unseen)],
            impossible=http.get("/r/no such code"),
            limited=click(limited),
            closed=click(expired),
            locked=click(locked),
            opened=post(locked, "sesame"),
            elsewhere=http.get("/login"),
        )
    factory.drain()
    answers.link = open_
    return answers


def assert_unavailable(response):
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert response.headers["Cache-Control"] == "no-store, private"
    assert "Please try again shortly." in response.text
    assert "Traceback" not in response.text


def test_links_that_the_process_has_seen_lead_on(outage):
    answers = [*outage.open, outage.head, outage.logged_in]
    assert {(one.status_code, one.headers["Location"]) for one in answers} == {(302, DESTINATION)}
    assert all(one.cookies["trackflow_visitor"] for one in outage.open)


def test_their_clicks_arrive_afterwards(outage):
    found = factory.events(outage.link)
    assert [one.verdict for one in found] == ["human"] * (1 + ANSWERS + 1)
    assert factory.counters(outage.link)[0] == len(found)


def test_unknown_codes_are_not_called_missing(outage):
    for response in outage.unknown:
        assert_unavailable(response)
    assert outage.impossible.status_code == 404, "what can be no code needs no look"


def test_pages_need_no_database(outage):
    assert outage.preview.status_code == 200
    assert DESTINATION in outage.preview.text
    assert outage.locked.status_code == 200
    assert 'name="password"' in outage.locked.text
    assert (outage.closed.status_code, outage.closed.headers["Location"]) == (302, "https://closed.example/")


def test_what_only_the_databases_can_promise_is_not_promised(outage):
    assert_unavailable(outage.limited)
    assert_unavailable(outage.opened)


def test_all_other_pages_fail_as_frappe_lets_them_fail(outage):
    assert outage.elsewhere.status_code >= 500
    assert "trackflow_visitor" not in outage.elsewhere.cookies


def test_without_mariadb_an_emptied_cache_does_not_stop_links():
    """As after a restart of Redis, which comes back long before MariaDB."""
    link = seen(make_link())
    with stopped("mariadb"):
        frappe.cache.delete(frappe.cache.make_key(links._link_key(link.short_code)))
        assert click(link).headers["Location"] == DESTINATION


def test_what_redis_says_counts_more_than_what_a_process_remembers():
    paused, renamed = seen(make_link()), seen(make_link())
    new_code = factory.unique()
    factory.change(paused, status="Paused")
    factory.change(renamed, short_code=new_code)
    with stopped("mariadb"):
        assert click(paused).status_code == 410
        assert_unavailable(click(renamed))
        assert harness.http_client().get(f"/r/{new_code}").headers["Location"] == DESTINATION


def test_in_maintenance_short_links_say_when_to_come_back():
    link = seen(make_link())
    update_site_config("maintenance_mode", 1)
    try:
        assert_unavailable(click(link))
    finally:
        update_site_config("maintenance_mode", 0)
    assert click(link).headers["Location"] == DESTINATION
