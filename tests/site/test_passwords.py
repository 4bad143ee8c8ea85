"""Links that ask for a password: nobody learns where they lead without it."""

from __future__ import annotations

import json

import frappe
import pytest

from tests import harness
from tests.site import factory
from tests.site.factory import DESTINATION, GOOGLEBOT, click, make_link, unique
from trackflow import link_passwords, links

SECRET = "open sesame ✓"
FORM = 'name="password"'


@pytest.fixture
def locked():
    return make_link(password_protected=1, new_password=SECRET)


def enter(link, password, client=None, **headers):
    client = client or harness.http_client()
    return client.post(f"/r/{link.short_code}", data={"password": password}, headers=headers)


def test_a_locked_link_shows_a_form_and_counts_nothing(locked):
    response = click(locked)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert FORM in response.text
    assert DESTINATION not in response.text
    assert "Set-Cookie" not in response.headers
    assert factory.queued(locked) == []


def test_the_right_password_opens_the_link_and_counts_one_click(locked):
    response = enter(locked, SECRET)
    assert (response.status_code, response.headers["Location"]) == (303, DESTINATION)
    assert response.headers["Cache-Control"] == "no-store, private"
    assert "trackflow_visitor=" in response.headers["Set-Cookie"]
    assert factory.event_of(locked).verdict == "human"
    assert factory.counters(locked) == (1, 1)


@pytest.mark.parametrize("status", ["301", "302", "307", "308"])
def test_the_password_is_not_sent_on_to_the_destination(status):
    link = make_link(password_protected=1, new_password=SECRET, redirect_status=status)
    assert enter(link, SECRET).status_code == 303


@pytest.mark.parametrize(
    "wrong", ["", "open sesame", SECRET.upper(), SECRET + " ", "x" * 5_000, "\x00", "'--"]
)
def test_a_wrong_password_says_so_and_counts_nothing(locked, wrong):
    response = enter(locked, wrong)
    assert response.status_code == 403
    assert "This is not the right password. Please try again." in response.text
    assert FORM in response.text
    assert DESTINATION not in response.text
    assert wrong == "" or wrong not in response.text
    assert factory.queued(locked) == []


def test_after_ten_wrong_passwords_from_one_address_not_even_the_right_one_helps(locked):
    for _ in range(link_passwords.MAX_WRONG_TRIES):
        assert enter(locked, "wrong").status_code == 403
    response = enter(locked, SECRET)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "600")
    assert "Too many wrong passwords." in response.text
    assert factory.queued(locked) == []
    # From elsewhere, and on other links, it still does.
    assert enter(locked, SECRET, **{"X-Forwarded-For": "203.0.113.9"}).status_code == 303
    other = make_link(password_protected=1, new_password=SECRET)
    assert enter(other, SECRET).status_code == 303


def test_many_tries_at_once_are_no_way_around_the_limit(locked):
    def try_it(number):
        return enter(locked, f"wrong {number}").status_code

    statuses = factory.in_threads(try_it, range(30))
    assert statuses.count(403) == link_passwords.MAX_WRONG_TRIES
    assert statuses.count(429) == 30 - link_passwords.MAX_WRONG_TRIES


def test_one_v6_network_is_one_address(locked):
    for number in range(link_passwords.MAX_WRONG_TRIES):
        assert enter(locked, "wrong", **{"X-Forwarded-For": f"2001:db8:1:2::{number:x}"}).status_code == 403
    assert enter(locked, SECRET, **{"X-Forwarded-For": "2001:db8:1:2:ffff::1"}).status_code == 429
    assert enter(locked, SECRET, **{"X-Forwarded-For": "2001:db8:1:3::1"}).status_code == 303


def test_people_who_know_the_password_are_not_counted_as_tries(locked):
    for _ in range(link_passwords.MAX_WRONG_TRIES + 2):
        assert enter(locked, SECRET).status_code == 303


def test_a_logged_in_user_can_enter_the_password_as_well(locked):
    user = harness.http_client().login()
    # Desk makes the token that Frappe then asks for.
    user.get("/app")
    page = user.get(f"/r/{locked.short_code}").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert token
    data = {"password": SECRET, "csrf_token": token}
    assert user.post(f"/r/{locked.short_code}", data=data).status_code == 303
    assert "csrf_token" not in click(locked).text


@pytest.mark.parametrize(
    "headers",
    [{"Sec_Purpose": "prefetch"}, {"Purpose": "prefetch"}, {"User_Agent": GOOGLEBOT}, {"X_Moz": "prefetch"}],
    ids=str,
)
def test_neither_robots_nor_prefetches_learn_where_a_locked_link_leads(locked, headers):
    response = click(locked, **headers)
    assert "shop.example" not in response.text + str(response.headers)


def test_neither_head_nor_the_preview_tell_where_a_locked_link_leads(locked, http):
    for response in (
        http.request("HEAD", f"/r/{locked.short_code}"),
        http.get(f"/r/{locked.short_code}+"),
    ):
        assert response.status_code == 200
        assert "shop.example" not in response.text + str(response.headers)


def test_a_link_without_a_password_takes_no_post(http):
    response = http.post(f"/r/{make_link().short_code}", data={"password": SECRET})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


def test_a_closed_link_does_not_ask_for_its_password():
    link = make_link(password_protected=1, new_password=SECRET, status="Paused")
    for response in (click(link), enter(link, SECRET)):
        assert response.status_code == 410
        assert FORM not in response.text


def test_with_max_clicks_only_the_right_password_takes_a_place():
    link = make_link(password_protected=1, new_password=SECRET, max_clicks=1)
    assert click(link).status_code == 200
    assert enter(link, "wrong").status_code == 403
    assert enter(link, SECRET).status_code == 303
    assert enter(link, SECRET).status_code == 410


# ---------------------------------------------------------------- what is kept of it


def everything_about(link):
    """All that forms, APIs, logs and the cache hold of a link, as one text."""
    frappe.db.commit()
    doc = frappe.get_doc("Tracked Link", link.name)
    row = frappe.db.sql("SELECT * FROM `tabTracked Link` WHERE name = %s", link.name)
    versions = frappe.get_all("Version", {"docname": link.name}, ["data"], order_by="creation asc")
    secrets = frappe.db.sql("SELECT * FROM __Auth WHERE name = %s", link.name)
    cached = frappe.cache.get(frappe.cache.make_key(links._link_key(link.short_code)))
    return f"{doc.as_dict()} {row} {versions} {secrets} {cached}"


def test_the_password_is_written_nowhere():
    secret = unique("secret")
    link = make_link(password_protected=1, new_password=secret)
    enter(link, secret)
    another = unique("secret")
    factory.change(link, new_password=another)
    text = everything_about(link)
    assert "pbkdf2" in text
    assert secret not in text
    assert another not in text


def test_no_form_and_no_api_gets_the_hash(locked):
    manager = harness.http_client().login()
    answer = manager.get(f"/api/resource/Tracked Link/{locked.name}")
    assert answer.ok
    assert not answer.json()["data"].get("new_password")
    assert "pbkdf2" not in json.dumps(answer.json())


def test_another_password_works_at_once_and_the_old_one_no_longer(locked):
    factory.change(locked, new_password="another")
    assert enter(locked, SECRET).status_code == 403
    assert enter(locked, "another").status_code == 303


def test_saving_without_a_new_password_keeps_the_old_one(locked):
    factory.change(locked, title="New title")
    assert enter(locked, SECRET).status_code == 303


def test_without_the_tick_the_link_is_open_and_the_password_is_gone(locked):
    factory.change(locked, password_protected=0)
    assert click(locked).headers["Location"] == DESTINATION
    assert not frappe.db.sql("SELECT 1 FROM __Auth WHERE name = %s", locked.name)
    with pytest.raises(frappe.ValidationError, match="Enter the new password"):
        factory.change(locked, password_protected=1)


def test_a_tick_without_a_password_is_refused():
    with pytest.raises(frappe.ValidationError, match="Enter the new password"):
        make_link(password_protected=1)
    with pytest.raises(frappe.ValidationError, match="Tick Ask for a Password"):
        make_link(new_password=SECRET)


def test_a_link_whose_hash_was_lost_stays_locked(locked):
    frappe.db.delete("__Auth", {"name": locked.name})
    frappe.db.set_value("Tracked Link", locked.name, "title", "x")
    frappe.cache.delete(frappe.cache.make_key(links._link_key(locked.short_code)))
    frappe.db.commit()
    assert FORM in click(locked).text
    assert enter(locked, SECRET).status_code == 403


def test_a_deleted_link_leaves_no_password_behind(locked):
    frappe.delete_doc("Tracked Link", locked.name)
    frappe.db.commit()
    assert not frappe.db.sql("SELECT 1 FROM __Auth WHERE name = %s", locked.name)
