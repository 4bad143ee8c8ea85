"""What fails on a bad day: a row that can't be read, a table that takes nothing, Redis, MariaDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import factory
from tests.site.factory import DESTINATION, click, make_link, new_visitor
from tests.site.services import local_bench, stopped
from trackflow import click_queue, click_spool, ingest, links
from trackflow.domain.clicks import Click

# ---------------------------------------------------------------- rows that can't be processed


@pytest.fixture
def poison():
    """Makes rows unreadable, and takes away those that are left at the end: they would be tried again for hours."""
    poisoned = []

    def put(name, request_data='{"code": "x"}'):
        # Valid JSON, because the column takes nothing else, but not what a click needs.
        frappe.db.set_value("Click Queue", name, "request_data", request_data)
        frappe.db.commit()
        poisoned.append(name)

    yield put
    frappe.db.delete("Click Queue", {"name": ("in", poisoned)})
    frappe.db.commit()


def state_of(name):
    frappe.db.commit()
    fields = ["status", "tries", "next_try_at", "error_message"]
    return frappe.db.get_value("Click Queue", name, fields, as_dict=True)


def let_it_be_due(name):
    frappe.db.set_value("Click Queue", name, "next_try_at", None)
    frappe.db.commit()


@pytest.mark.parametrize("rubbish", ['{"code": "x"}', "null", "[]", '{"ruling": ["alien", ""]}', "3"])
def test_a_row_that_cannot_be_processed_holds_up_none_of_the_others(rubbish, poison):
    link = make_link()
    names = factory.put_clicks(link, [new_visitor() for _ in range(7)])
    poison(names[3], rubbish)
    factory.drain()
    assert {event.name for event in factory.events(link)} == {*names} - {names[3]}
    assert factory.counters(link) == (6, 6)
    assert state_of(names[3]).status == "Pending"


def test_a_row_that_cannot_be_processed_is_tried_again_later_and_then_marked_as_failed(poison):
    link = make_link()
    (name,) = factory.put_clicks(link, [new_visitor()])
    poison(name)
    for number in range(1, ingest.MAX_TRIES):
        factory.drain()
        state = state_of(name)
        assert (state.status, state.tries) == ("Pending", number)
        assert state.next_try_at > now_datetime()
        let_it_be_due(name)
    factory.drain()
    state = state_of(name)
    assert (state.status, state.tries) == ("Failed", ingest.MAX_TRIES)
    assert "KeyError" in state.error_message


def test_a_row_is_not_tried_again_before_its_time(poison):
    link = make_link()
    (name,) = factory.put_clicks(link, [new_visitor()])
    poison(name)
    for _ in range(3):
        factory.drain()
    assert state_of(name).tries == 1


def test_a_row_that_can_be_processed_after_all_becomes_an_event(poison):
    link = make_link()
    (name,) = factory.put_clicks(link, [new_visitor()])
    right = frappe.db.get_value("Click Queue", name, "request_data")
    poison(name)
    factory.drain()
    poison(name, right)
    let_it_be_due(name)
    factory.drain()
    assert factory.event_of(link).name == name
    assert state_of(name).status == "Processed"


# ---------------------------------------------------------------- services that are away


@contextmanager
def table_away() -> Iterator[None]:
    """MariaDB refuses every INSERT into Click Queue."""
    frappe.db.sql_ddl("RENAME TABLE `tabClick Queue` TO `tabClick Queue Away`")
    try:
        yield
    finally:
        frappe.db.sql_ddl("RENAME TABLE `tabClick Queue Away` TO `tabClick Queue`")


def spool_file():
    return Path(frappe.get_site_path("private", "trackflow_clicks.jsonl"))


def spooled_in_redis():
    return frappe.cache.llen(click_spool.KEY)


def assert_recovered(link, number):
    """All clicks on ``link`` arrived, and nothing is left behind."""
    factory.drain()
    found = factory.events(link)
    assert [event.verdict for event in found] == ["human"] * number
    assert factory.counters(link) == (number, number)
    assert spooled_in_redis() == 0
    assert not spool_file().exists() or not spool_file().read_bytes()


def follow(link):
    response = click(link)
    assert (response.status_code, response.headers["Location"]) == (302, DESTINATION)


def lines_in_file():
    return len([line for line in spool_file().read_bytes().splitlines() if line])


def test_a_click_that_mariadb_does_not_take_waits_in_a_file():
    link = make_link()
    with table_away():
        for _ in range(3):
            follow(link)
        assert lines_in_file() == 3
    assert_recovered(link, 3)


@local_bench
def test_a_click_that_neither_mariadb_nor_the_file_takes_waits_in_redis():
    link = make_link()
    factory.drain()
    spool_file().unlink(missing_ok=True)
    spool_file().mkdir()
    try:
        with table_away():
            for _ in range(3):
                follow(link)
            assert spooled_in_redis() == 3
    finally:
        spool_file().rmdir()
    assert_recovered(link, 3)


def test_two_workers_that_recover_the_same_clicks_do_so_once():
    link = make_link()
    with table_away():
        for _ in range(3):
            follow(link)
    factory.in_threads(lambda _: ingest.drain(), range(3))
    assert_recovered(link, 3)


@local_bench
@pytest.mark.parametrize(
    "names", [("redis_cache",), ("redis_queue",), ("redis_cache", "redis_queue")], ids=str
)
def test_without_redis_links_work_and_clicks_are_kept(names):
    known, new = make_link(), make_link()
    follow(known)
    with stopped(*names):
        follow(known)
        follow(new)
        assert len(factory.queued(known)) == 2
    for link, number in ((known, 2), (new, 1)):
        assert_recovered(link, number)


@local_bench
def test_a_link_that_is_changed_without_redis_leads_to_its_new_destination():
    link = make_link("https://old.example/")
    assert click(link).headers["Location"] == "https://old.example/"
    with stopped("redis_cache"):
        factory.change(link, destination_url=DESTINATION)
        follow(link)
    follow(link)


@local_bench
def test_without_redis_the_background_workers_go_on_afterwards(wait_until, http):
    # Frappe lets the scheduler rest on a site where nobody logs in.
    http.login()
    link = make_link()
    with stopped("redis_cache", "redis_queue"):
        follow(link)
    # The scheduler drains every minute; nobody else was told.
    wait_until(lambda: factory.events(link), timeout=150)


@local_bench
def test_without_mariadb_a_link_in_the_cache_works_and_its_clicks_arrive_later():
    link = make_link()
    follow(link)
    with stopped("mariadb"):
        for _ in range(3):
            follow(link)
        assert lines_in_file() == 3
    assert_recovered(link, 4)


def assert_unavailable(response):
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert response.headers["Cache-Control"] == "no-store, private"
    assert "This link can&#39;t be looked up right now. Please try again shortly." in response.text
    assert "Traceback" not in response.text


@local_bench
def test_without_mariadb_an_unknown_code_is_not_called_missing(http):
    known, unseen = make_link(), make_link(short_code=factory.unique())
    frappe.cache.delete(frappe.cache.make_key(links._link_key(unseen.short_code)))
    follow(known)
    with stopped("mariadb"):
        for code in (factory.unique(), unseen.short_code):
            assert_unavailable(http.get(f"/r/{code}"))
            assert_unavailable(http.get(f"/r/{code}+"))
        follow(known)
        assert http.get("/r/no such code").status_code == 404, "what can be no code needs no look"
    follow(unseen)
    assert_recovered(known, 2)


@local_bench
def test_without_mariadb_a_limited_link_promises_nothing():
    link = make_link(max_clicks=2)
    follow(link)
    with stopped("mariadb"):
        assert_unavailable(click(link))
    follow(link)
    assert click(link).status_code == 410
    assert_recovered(link, 2)


@local_bench
def test_without_mariadb_a_password_still_opens_a_link_in_the_cache(http):
    link = make_link(password_protected=1, new_password="sesame")
    click(link)
    with stopped("mariadb"):
        assert 'name="password"' in click(link).text
        response = http.post(f"/r/{link.short_code}", data={"password": "sesame"})
        assert (response.status_code, response.headers["Location"]) == (303, DESTINATION)
    assert_recovered(link, 1)


@local_bench
def test_without_redis_nobody_can_try_passwords(http):
    link = make_link(password_protected=1, new_password="sesame")
    with stopped("redis_cache"):
        assert 'name="password"' in click(link).text
        assert_unavailable(http.post(f"/r/{link.short_code}", data={"password": "sesame"}))


# ---------------------------------------------------------------- the file


def spooled_line(link, name):
    one = Click(
        name=name,
        link=link.name,
        code=link.short_code,
        at=now_datetime(),
        visitor_id=new_visitor(),
        user_agent=factory.CHROME,
    )
    return json.dumps(click_queue.to_row(one)).encode()


def append_to_spool(text):
    with spool_file().open("ab") as file:
        file.write(text)


@pytest.mark.parametrize("position", ["first", "between", "last"])
def test_a_line_that_was_cut_off_holds_up_none_of_the_others(position):
    link = make_link()
    good = [spooled_line(link, factory.unique("click")) for _ in range(2)]
    cut = good[0][: len(good[0]) // 2]
    order = {"first": [cut, *good], "between": [good[0], cut, good[1]], "last": [*good, cut]}[position]
    append_to_spool(b"\n".join(order))
    assert_recovered(link, 2)
    logged = {"method": "A spooled click can't be read", "error": ("like", f"%{link.name}%")}
    assert frappe.db.exists("Error Log", logged), "what was cut off is kept for people to read"


def test_the_same_line_twice_is_one_click():
    link = make_link()
    line = spooled_line(link, factory.unique("click"))
    append_to_spool(line + b"\n" + line + b"\n")
    assert_recovered(link, 1)
    append_to_spool(line + b"\n")
    assert_recovered(link, 1)


@local_bench
def test_a_line_that_was_cut_off_does_not_swallow_the_next_click():
    link = make_link()
    append_to_spool(spooled_line(link, factory.unique("click"))[:40])
    with stopped("redis_cache"), table_away():
        follow(link)
    assert_recovered(link, 1)


def test_a_file_that_is_longer_than_one_takes_at_once_is_taken_whole(monkeypatch):
    monkeypatch.setattr(click_spool, "BATCH_BYTES", 2_000)
    link = make_link()
    lines = [spooled_line(link, factory.unique("click")) for _ in range(20)]
    append_to_spool(b"\n" + b"\n\n".join(lines) + b"\n" + b"x" * 3_000 + b"\n")
    assert_recovered(link, 20)
