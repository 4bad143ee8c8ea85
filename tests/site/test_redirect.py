"""What a visitor gets from a short link."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import factory
from tests.site.factory import DESTINATION, click, make_link, unique

VISITOR_ID = re.compile(r"v_[0-9a-f]{32}")


def set_cookies(response):
    """Cookies by name, each as a dict of its attributes in lower case."""
    found = {}
    for header in response.raw.headers.getlist("Set-Cookie"):
        first, *rest = [part.strip() for part in header.split(";")]
        name, _, value = first.partition("=")
        attributes = dict(part.lower().partition("=")[::2] for part in rest)
        found[name] = {"value": value, **attributes}
    return found


# ---------------------------------------------------------------- the answer


def test_a_link_leads_to_its_destination_with_302_and_without_a_body():
    response = click(make_link())
    assert (response.status_code, response.headers["Location"]) == (302, DESTINATION)
    assert response.content == b""


def test_no_cache_may_keep_an_answer(http):
    link = make_link()
    for path in (f"/r/{link.short_code}", f"/r/{unique()}"):
        assert http.get(path).headers["Cache-Control"] == "no-store, private"


def test_search_engines_are_told_not_to_index_short_links():
    assert click(make_link()).headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_each_link_chooses_its_redirect_status(status):
    response = click(make_link(redirect_status=str(status)))
    assert (response.status_code, response.headers["Location"]) == (status, DESTINATION)
    assert response.headers["Cache-Control"] == "no-store, private"


def test_t_is_an_alias_of_r(http):
    link = make_link()
    response = http.get(f"/t/{link.short_code}")
    assert (response.status_code, response.headers["Location"]) == (302, DESTINATION)
    assert len(factory.queued(link)) == 1


def test_codes_are_found_whatever_their_case(http):
    link = make_link(short_code=unique("MiXed"))
    for code in (link.short_code, link.short_code.upper(), link.short_code.lower()):
        assert http.get(f"/r/{code}").status_code == 302
    assert {row.request_data["code"] for row in factory.queued(link)} == {link.short_code}


def test_utm_parameters_come_from_the_link_and_else_from_its_campaign():
    campaign = factory.make_campaign(source="news", medium="email")
    link = make_link("https://x.example/a?b=1#part", campaign=campaign.name, medium="qr", term="shoes")
    location = urlsplit(click(link).headers["Location"])
    assert location.fragment == "part"
    assert parse_qs(location.query) == {
        "b": ["1"], "utm_source": ["news"], "utm_medium": ["qr"], "utm_campaign": [campaign.campaign_id],
        "utm_term": ["shoes"],
    }  # fmt: skip


def test_additional_parameters_reach_the_destination():
    link = make_link(additional_parameters='{"ref": "spring sale"}')
    assert click(link).headers["Location"] == f"{DESTINATION}?ref=spring%20sale"


def test_a_destination_in_other_letters_is_sent_as_ascii():
    location = click(make_link("https://bücher.example/straße?q=ü")).headers["Location"]
    assert location == "https://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%BC"


# ---------------------------------------------------------------- other methods


def test_head_is_answered_and_not_recorded(http):
    link = make_link()
    response = http.head(f"/r/{link.short_code}")
    assert (response.status_code, response.headers["Location"]) == (302, DESTINATION)
    assert "Set-Cookie" not in response.headers
    assert factory.queued(link) == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_and_not_recorded(http, method):
    link = make_link()
    response = http.request(method, f"/r/{link.short_code}")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
    assert factory.queued(link) == []


PREFETCHES = [
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Purpose": "preview"},
    {"X-Moz": "prefetch"},
]


@pytest.mark.parametrize("header", PREFETCHES, ids=str)
def test_a_prefetch_is_refused_so_that_the_click_comes_through_later(http, header):
    link = make_link()
    response = http.get(f"/r/{link.short_code}", headers=header)
    assert (response.status_code, response.headers["Cache-Control"]) == (503, "no-store, private")
    assert "Location" not in response.headers
    assert "Set-Cookie" not in response.headers
    assert http.get(f"/r/{link.short_code}").status_code == 302


def test_a_prefetch_is_recorded_as_one_and_counts_nowhere(http):
    link = make_link()
    http.get(f"/r/{link.short_code}", headers={"Sec-Purpose": "prefetch"})
    event = factory.event_of(link)
    assert (event.verdict, event.verdict_reason) == ("prefetch", "Sec-Purpose: prefetch")
    assert factory.counters(link) == (0, 0)


# ---------------------------------------------------------------- the cookie


def test_a_new_visitor_gets_a_cookie_that_scripts_and_other_sites_cannot_use():
    cookie = set_cookies(click(make_link()))["trackflow_visitor"]
    assert VISITOR_ID.fullmatch(cookie["value"])
    assert "httponly" in cookie
    assert (cookie["samesite"], cookie["path"]) == ("lax", "/")
    assert "secure" not in cookie


def test_new_visitors_have_ids_in_the_order_in_which_they_come():
    link, before = make_link(), time.time_ns() // 10**6
    ids = [set_cookies(click(link))["trackflow_visitor"]["value"] for _visitor in range(5)]
    after = time.time_ns() // 10**6
    moments = [int(each[2:14], 16) for each in ids]
    assert moments == sorted(moments) and before <= moments[0] and moments[-1] <= after
    assert len({each[14:] for each in ids}) == 5


def test_the_cookie_is_the_only_one():
    assert set(set_cookies(click(make_link()))) == {"trackflow_visitor"}


def test_the_cookie_lives_as_long_as_the_settings_say():
    with factory.settings(cookie_expires_days=30):
        cookie = set_cookies(click(make_link()))["trackflow_visitor"]
    assert cookie["max-age"] == str(30 * 24 * 60 * 60)


def test_the_cookie_comes_back_with_the_same_id_and_is_renewed(http):
    link = make_link()
    first = set_cookies(click(link, http))["trackflow_visitor"]["value"]
    second = set_cookies(click(link, http))["trackflow_visitor"]["value"]
    assert first == second
    assert {row.visitor_id for row in factory.queued(link)} == {first}


@pytest.mark.parametrize("forged", ["v_123", "1 OR 1=1", "v_" + "G" * 32, "v_" + "a" * 33, "x" * 3000])
def test_a_forged_visitor_id_is_replaced(forged):
    link = make_link()
    cookie = set_cookies(click(link, Cookie=f"trackflow_visitor={forged}"))["trackflow_visitor"]
    assert VISITOR_ID.fullmatch(cookie["value"])
    assert cookie["value"] != forged
    assert factory.queued(link)[0].visitor_id == cookie["value"]


# ---------------------------------------------------------------- the visitor's id in the destination


def test_the_visitor_id_goes_to_another_host_where_the_link_asks_for_it(http):
    link = make_link("https://shop.example.com/a?b=1", append_visitor_id=1)
    response = click(link, http)
    visitor = set_cookies(response)["trackflow_visitor"]["value"]
    assert response.headers["Location"] == f"https://shop.example.com/a?b=1&tf_visitor={visitor}"


def test_the_visitor_id_goes_nowhere_unasked():
    assert "tf_visitor" not in click(make_link()).headers["Location"]


def test_the_visitor_id_does_not_go_to_our_own_host(http):
    host = http.headers["Host"].partition(":")[0]
    link = make_link(f"http://{host}/contact", append_visitor_id=1)
    assert click(link, http).headers["Location"] == f"http://{host}/contact"


# ---------------------------------------------------------------- variants


def test_variants_are_sticky_and_recorded_by_name(new_client):
    link = make_link()
    targets = {name: f"https://{name}.example/" for name in ("red", "blue")}
    for name, url in targets.items():
        factory.make_variant(link, name, url)
    seen = set()
    for client in [new_client() for _ in range(12)]:
        locations = {click(link, client).headers["Location"] for _ in range(3)}
        assert len(locations) == 1
        seen |= locations
    assert seen == set(targets.values())
    for row in factory.queued(link):
        assert row.request_data["destination_url"] == targets[row.request_data["variant"]]


def test_a_variant_without_weight_or_switched_off_gets_nobody():
    link = make_link()
    factory.make_variant(link, "open", "https://open.example/")
    factory.make_variant(link, "light", "https://light.example/", weight=0)
    factory.make_variant(link, "off", "https://off.example/", active=0)
    assert {click(link).headers["Location"] for _ in range(10)} == {"https://open.example/"}


def test_a_changed_or_deleted_variant_works_at_once():
    link = make_link()
    variant = factory.make_variant(link, "only", "https://one.example/")
    assert click(link).headers["Location"] == "https://one.example/"
    factory.change(variant, destination_url="https://two.example/")
    assert click(link).headers["Location"] == "https://two.example/"
    frappe.delete_doc("Campaign Link Variant", variant.name)
    frappe.db.commit()
    assert click(link).headers["Location"] == DESTINATION


# ---------------------------------------------------------------- the time


def test_the_redirect_goes_by_the_sites_clock():
    link = make_link()
    before = now_datetime() - timedelta(seconds=2)
    click(link)
    assert before <= factory.queued(link)[0].click_timestamp <= now_datetime() + timedelta(seconds=2)
