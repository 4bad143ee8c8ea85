"""What pages may not tell: of other websites, in too great a number, or rubbish."""

from __future__ import annotations

from ipaddress import ip_address

import frappe
import pytest

from tests import harness
from tests.site import factory
from tests.site.page_views import METHOD, OWN, SHOP, recorded, recorded_one, tell, waiting
from trackflow import throttles, tracker
from trackflow.api import tracker as api

pytestmark = pytest.mark.usefixtures("websites")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://notshop.example"])
def test_pages_of_other_websites_are_turned_away(page, origin):
    response = tell(f"{origin}/{factory.unique()}", origin=origin)
    assert response.status_code == 403
    assert origin in response.text
    assert "Access-Control-Allow-Origin" not in response.headers
    assert api.status()["refused"]["origin"] == origin


def test_who_names_no_origin_is_turned_away(page):
    response = harness.http_client().post(METHOD, data={"url": page})
    assert response.status_code == 403


def test_only_a_known_website_may_read_the_answer(page):
    answer = tell(page).headers
    assert (answer["Access-Control-Allow-Origin"], answer["Vary"]) == (SHOP, "Origin")
    assert "Access-Control-Allow-Credentials" not in answer
    assert "Access-Control-Allow-Origin" not in tell(f"{OWN}/x").headers


def test_a_page_can_tell_of_no_other(page):
    response = tell("https://other.example/", origin=SHOP)
    assert response.status_code == 400
    assert "https://other.example/" in response.text
    assert response.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00&=&url", "application/x-www-form-urlencoded"),
        (b"url=" + b"%" * 10_000, "application/x-www-form-urlencoded"),
        (b"url[]=1&url=javascript:alert(1)", "application/x-www-form-urlencoded"),
        (b"rubbish", "text/plain;charset=UTF-8"),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
        (b'{"url": ["a"], "title": {"b": 1}}', "application/json"),
        (b'{"url": 1}', "application/json"),
        (b"[]", "application/json"),
    ],
)
def test_rubbish_is_answered_clearly(body, content_type):
    headers = {"Origin": SHOP, "Content-Type": content_type}
    response = harness.http_client().request("POST", METHOD, data=body, headers=headers)
    assert 400 <= response.status_code < 500


def test_unbelievable_texts_are_cropped_and_harmless(page):
    texts = {
        "title": "<script>alert(1)</script>" * 100,
        "referrer": "javascript:alert(1)",
        "visitor": "v_' OR 1=1",
    }
    tell(f"{page}/{'ü' * 3000}", **texts)
    event = recorded_one(page)
    assert len(event.page_url) <= 2048
    assert len(frappe.parse_json(event.event_data)["title"]) <= 140
    assert event.referrer == ""


def test_a_get_tells_nothing(page):
    assert harness.http_client().get(f"{METHOD}?url={page}", headers={"Origin": SHOP}).status_code in (
        403,
        405,
    )
    assert waiting(page) == []


def test_too_many_from_one_address_are_turned_away_and_others_are_not(page):
    flooder, other = "198.51.100.7", "198.51.100.8"
    for _ in range(tracker.MAX_PER_MINUTE):
        throttles.count("page_views", ip_address(flooder), tracker.MINUTE)
    refused = tell(page, headers={"X-Forwarded-For": flooder})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert tell(page, headers={"X-Forwarded-For": other}).status_code == 200
    assert len(recorded(page)) == 1


def test_frappes_own_permission_is_not_said_twice(monkeypatch):
    """Two headers of the same name are none to a browser."""
    monkeypatch.setitem(frappe.conf, "allow_cors", [SHOP])
    assert tracker._frappe_allows(SHOP)
    assert not tracker._frappe_allows("https://shop.example")
    monkeypatch.setitem(frappe.conf, "allow_cors", "*")
    assert tracker._frappe_allows("https://shop.example")
