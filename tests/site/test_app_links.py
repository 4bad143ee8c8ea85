"""Links that open an app on phones, and everybody else's page."""

from __future__ import annotations

import base64
import hashlib
import html
import re

import frappe
import pytest

from tests.site import factory
from tests.site.factory import CHROME, DESTINATION, GOOGLEBOT, IPHONE, make_link
from trackflow import short_urls

PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0"
    " Mobile Safari/537.36"
)
APP = "myapp://product/1?a=1&b=2"


def test_a_phone_gets_a_page_that_tries_the_app_and_knows_the_way_on():
    link = make_link(ios_url=APP)
    response = factory.click(link, User_Agent=IPHONE)
    page = html.unescape(response.text)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store, private"
    assert f'href="{APP}"' in page and f'href="{DESTINATION}"' in page
    assert "trackflow_visitor" in response.headers["Set-Cookie"]


def test_the_page_runs_its_own_script_and_no_other():
    page = factory.click(make_link(ios_url=APP), User_Agent=IPHONE)
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    expected = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = page.headers["Content-Security-Policy"]
    assert f"script-src 'sha256-{expected}'" in policy
    assert "default-src 'none'" in policy and "unsafe-inline' " not in policy.partition("script-src")[2]


def test_nothing_in_an_address_breaks_out_of_the_page():
    link = make_link("https://x.example/?q='\"><script>alert(1)</script>", ios_url="myapp://x?q='\"><script>")
    page = factory.click(link, User_Agent=IPHONE).text
    assert page.count("<script>") == 1


@pytest.mark.parametrize("user_agent", [CHROME, PIXEL, GOOGLEBOT], ids=["desktop", "android", "robot"])
def test_everybody_without_that_app_is_redirected(user_agent):
    response = factory.click(make_link(ios_url=APP), User_Agent=user_agent)
    assert (response.status_code, response.headers["Location"]) == (302, DESTINATION)


def test_ios_and_android_each_have_their_own_address():
    link = make_link(ios_url=APP, android_url="https://app.example/p/1")
    response = factory.click(link, User_Agent=PIXEL)
    assert (response.status_code, response.headers["Location"]) == (302, "https://app.example/p/1")


def test_the_click_counts_and_says_where_it_went():
    link = make_link(ios_url=APP)
    factory.click(link, User_Agent=IPHONE)
    event = factory.event_of(link)
    assert (event.verdict, event.destination_url) == ("human", APP)
    assert factory.counters(link) == (1, 1)


def test_app_addresses_have_macros():
    link = make_link(ios_url="myapp://c/{code}")
    assert f"myapp://c/{link.short_code}" in factory.click(link, User_Agent=IPHONE).text


@pytest.mark.parametrize("field", ["ios_url", "android_url"])
@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "http://x.example/", "product"])
def test_an_address_that_opens_no_app_is_refused(field, url):
    with pytest.raises(
        frappe.ValidationError, match=r"opens no app\. Enter an address like myapp://product/1"
    ):
        make_link(**{field: url})


def test_an_app_address_may_not_be_a_short_link_of_ours():
    (host, *_) = sorted(short_urls.own_hosts())
    with pytest.raises(frappe.ValidationError, match="is itself a short link on"):
        make_link(ios_url=f"https://{host}/r/abc")
