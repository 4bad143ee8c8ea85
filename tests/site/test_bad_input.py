"""Requests as no browser sends them."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

import frappe
import pytest

from tests import harness
from tests.site import factory
from tests.site.factory import DESTINATION, click, make_link

CODES = {
    "empty": b"/r/",
    "too long": b"/r/" + b"a" * 65,
    "far too long": b"/r/" + b"a" * 3000,
    "not ASCII": "/r/größe".encode(),
    "not ASCII, encoded": b"/r/gr%C3%B6%C3%9Fe",
    "not UTF-8": b"/r/%ff%fe",
    "traversal": b"/r/../../etc/passwd",
    "traversal, encoded": b"/r/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "traversal below": b"/r/%2e%2e/site_config.json",
    "null": b"/r/%00",
    "null behind": b"/r/abc%00",
    "trailing slash": b"/r/abc/",
    "line break": b"/r/abc%0d%0aSet-Cookie:%20a=b",
    "markup": b"/r/%3Cscript%3Ealert(1)%3C/script%3E",
    "SQL": b"/r/%27%20OR%201=1%20--",
    "percent alone": b"/r/%",
    "like": b"/r/%25",
    "spaces": b"/r/%20%20",
}


def send(request_line, *headers):
    """Send raw bytes and return (status, headers and body as text)."""
    address = urlsplit(harness.URL)
    own = [f"{name}: {value}".encode() for name, value in harness.site_headers().items()]
    lines = [request_line + b" HTTP/1.1", *own, b"Connection: close", *headers]
    with socket.create_connection((address.hostname, address.port or 80), timeout=30) as connection:
        connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    text = answer.decode("utf-8", "replace")
    return int(text.split(" ", 2)[1]), text


def follow(link, *headers):
    """Follow ``link`` with raw headers; return its Click Queue row."""
    status, text = send(b"GET /r/" + link.short_code.encode(), *headers)
    assert status == 302, text
    assert f"Location: {DESTINATION}\r\n" in text
    return factory.queued(link)[-1]


def rows_in_all():
    frappe.db.commit()
    return frappe.db.count("Click Queue")


# ---------------------------------------------------------------- codes


@pytest.mark.parametrize("path", CODES.values(), ids=CODES)
def test_a_code_that_cannot_be_one_gets_the_404_page_and_nothing_is_written(path):
    before = rows_in_all()
    if b".." in path:
        # What is outside the prefix is none of ours.
        assert send(b"GET " + path)[0] == 404
    else:
        status, text = send(b"GET " + path)
        assert (status, "There is no link at this address" in text) == (404, True)
        assert "Cache-Control: no-store, private" in text
    assert rows_in_all() == before


def test_a_real_code_with_something_behind_it_is_not_taken_for_it():
    link = make_link()
    for tail in (b"/", b"/x", b"%00", b"%20", b"."):
        assert send(b"GET /r/" + link.short_code.encode() + tail)[0] == 404
    assert factory.queued(link) == []


def test_the_404_page_repeats_nothing_of_what_was_asked():
    assert "alert(1)" not in send(CODES["markup"].join([b"GET ", b""]))[1]


def test_a_query_behind_the_code_is_no_part_of_it():
    link = make_link()
    status, _ = send(
        b"GET /r/" + link.short_code.encode() + b"?fbclid=%ff%00&cmd=frappe.ping&x=" + b"y" * 2500
    )
    assert status == 302
    assert len(factory.queued(link)[0].request_data["page_url"]) == 2048
    assert factory.event_of(link).verdict in ("human", "bot")


# ---------------------------------------------------------------- headers


def test_without_a_user_agent_the_redirect_works_and_the_click_is_a_robots():
    link = make_link()
    assert follow(link).user_agent == ""
    event = factory.event_of(link)
    assert (event.verdict, event.verdict_reason) == ("bot", "no user agent")


def test_a_long_user_agent_is_cropped():
    link = make_link()
    # About as much as gunicorn takes in one header.
    assert follow(link, b"User-Agent: Mozilla/5.0 " + b"x" * 8000).user_agent.startswith("Mozilla/5.0 xxx")
    assert len(factory.event_of(link).user_agent) == 500


RUBBISH = {
    "invalid UTF-8": b"\xff\xfe\x80Mozilla\xc3",
    "valid UTF-8": "Mozilla/5.0 \U0001f600 ü".encode(),
    "a quote": b"Mozilla'; DROP TABLE `tabClick Queue`; --",
    "markup": b"<script>alert(1)</script>",
    "format": b"%s %d {0} {text} %(name)s",
}


@pytest.mark.parametrize("header", [b"User-Agent", b"Referer", b"Accept-Language", b"Cookie"])
@pytest.mark.parametrize("rubbish", RUBBISH.values(), ids=RUBBISH)
def test_rubbish_in_a_header_harms_neither_the_redirect_nor_the_event(header, rubbish):
    link = make_link()
    row = follow(link, header + b": " + rubbish)
    for text in (row.user_agent, row.referrer, row.request_data["language"]):
        assert all(character.isprintable() for character in text)
    assert factory.event_of(link).name == row.name


def test_long_headers_are_cropped_to_their_columns():
    link = make_link()
    row = follow(link, b"Referer: https://a.example/" + b"r" * 8000, b"Accept-Language: " + b"de," * 2000)
    assert (len(row.referrer), len(row.request_data["language"])) == (2048, 64)
    assert len(factory.event_of(link).referrer) == 2048


def test_a_referrer_of_many_bytes_per_character_fits_too():
    link = make_link()
    row = follow(link, b"Referer: https://a.example/" + "\U0001f600".encode() * 1500)
    assert factory.event_of(link).name == row.name


@pytest.mark.parametrize("host", [b"evil.example", b"localhost:99999", b"[::1]:80"])
def test_an_odd_host_in_an_absolute_address_does_not_break_the_redirect(host):
    link = make_link(append_visitor_id=1)
    status, _ = send(b"GET http://" + host + b"/r/" + link.short_code.encode())
    assert status == 302


def test_two_cookies_of_one_name_are_no_error():
    link, visitor = make_link(), factory.new_visitor()
    row = follow(link, f"Cookie: trackflow_visitor={visitor}; trackflow_visitor=x; ;;=; a".encode())
    assert re.fullmatch(r"v_[0-9a-f]{32}", row.visitor_id)


# ---------------------------------------------------------------- more than a web server lets through


def ask_the_application(link, user_agent=factory.CHROME, scheme="http"):
    """Ask Frappe's WSGI application without a server before it, which would crop or refuse."""
    import frappe.app
    from werkzeug.test import Client

    def ask(_):
        headers = {**harness.site_headers(), "User-Agent": user_agent}
        base_url = f"{scheme}://{headers['Host']}"
        return Client(frappe.app.application).get(f"/r/{link.short_code}", headers=headers, base_url=base_url)

    # On a thread, because the application takes over Frappe's state of the thread that it runs on.
    (response,) = factory.in_threads(ask, [0])
    assert (response.status_code, response.headers["Location"]) == (302, DESTINATION)
    return response


def test_a_user_agent_of_20_kb_is_cropped():
    link = make_link()
    ask_the_application(link, "Mozilla/5.0 " + "x" * 20_000)
    assert len(factory.event_of(link).user_agent) == 500


def test_control_characters_are_dropped():
    link = make_link()
    ask_the_application(link, "Mozilla\x00\x01\x1b[31m\x7f")
    assert factory.event_of(link).user_agent == "Mozilla[31m"


def test_the_cookie_is_for_https_only_where_the_visitor_comes_by_https():
    link = make_link()
    assert "Secure" in ask_the_application(link, scheme="https").headers["Set-Cookie"]
    assert "Secure" not in click(link).headers["Set-Cookie"]
