"""Targeting rules: who is sent where, and which rules can't be saved."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import factory
from tests.site.factory import CHROME, DESTINATION, FIREFOX, GOOGLEBOT, IPHONE, make_link
from trackflow import short_urls

IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2"
    " Mobile/15E148 Safari/604.1"
)
PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0"
    " Mobile Safari/537.36"
)
RULED = "https://rule.example/"


def link_with(*rules, **fields):
    """A link with targeting rules; each is a dict of its conditions and leads to RULED unless it says otherwise."""
    rows = [{"destination_url": RULED, **rule} for rule in rules]
    return make_link(targeting_rules=rows, **fields)


def goes_to(link, query="", **headers):
    response = factory.click(frappe._dict(short_code=f"{link.short_code}{query}"), **headers)
    assert response.status_code == 302
    return response.headers["Location"]


MATCHES = [
    ({"device": "Mobile"}, {"User_Agent": IPHONE}, {"User_Agent": CHROME}),
    ({"device": "Tablet"}, {"User_Agent": IPAD}, {"User_Agent": IPHONE}),
    ({"device": "Desktop"}, {"User_Agent": CHROME}, {"User_Agent": PIXEL}),
    ({"device": "Mobile"}, {"User_Agent": PIXEL}, {"User_Agent": GOOGLEBOT}),
    ({"os": "iOS"}, {"User_Agent": IPAD}, {"User_Agent": PIXEL}),
    ({"os": "Android"}, {"User_Agent": PIXEL}, {"User_Agent": IPHONE}),
    ({"os": "Windows"}, {"User_Agent": FIREFOX}, {"User_Agent": CHROME}),
    ({"os": "Linux"}, {"User_Agent": CHROME}, {"User_Agent": PIXEL}),
    ({"language": "de"}, {"Accept_Language": "de-AT,en;q=0.8"}, {"Accept_Language": "en,de;q=0.8"}),
    ({"language": "en-GB, fr"}, {"Accept_Language": "nl;q=0.3, fr"}, {"Accept_Language": "en-US,fr;q=0.9"}),
    ({"device": "Mobile", "language": "de"}, {"User_Agent": IPHONE, "Accept_Language": "de"},
     {"User_Agent": CHROME, "Accept_Language": "de"}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "matching", "other"), MATCHES, ids=str)
def test_visitors_who_match_go_where_the_rule_says_and_all_others_to_the_destination(rule, matching, other):
    link = link_with(rule)
    assert goes_to(link, **matching) == RULED
    assert goes_to(link, **other) == DESTINATION


def test_a_rule_can_ask_for_a_parameter_of_the_short_url():
    link = link_with(
        {"query_parameter": "ref", "query_value": "a b", "destination_url": "https://one.example/"},
        {"query_parameter": "ref"},
    )
    assert goes_to(link, "?x=1&ref=a%20b") == goes_to(link, "?ref=a+b") == "https://one.example/"
    assert goes_to(link, "?ref") == goes_to(link, "?ref=A%20B") == RULED
    assert goes_to(link, "?Ref=1") == DESTINATION


def test_a_rule_holds_from_its_first_moment_until_its_last():
    now, hour = now_datetime(), timedelta(hours=1)
    assert goes_to(link_with({"from_date": now - hour, "until_date": now + hour})) == RULED
    assert goes_to(link_with({"from_date": now + hour})) == DESTINATION
    assert goes_to(link_with({"until_date": now - hour})) == DESTINATION


def test_a_rule_can_ask_for_an_address_range_v4_and_v6():
    link = link_with({"address_range": "203.0.113.0/24\n2001:db8::/32"})
    assert link.targeting_rules[0].address_range == "203.0.113.0/24, 2001:db8::/32"
    with factory.settings(trusted_proxies="127.0.0.1, ::1"):
        assert goes_to(link, X_Forwarded_For="203.0.113.9") == RULED
        assert goes_to(link, X_Forwarded_For="2001:db8:1::9") == RULED
        assert goes_to(link, X_Forwarded_For="198.51.100.1") == DESTINATION
    with factory.settings(trusted_proxies=""):
        assert goes_to(link, X_Forwarded_For="203.0.113.9") == DESTINATION


def test_the_first_rule_that_holds_wins():
    link = link_with(
        {"device": "Mobile", "os": "iOS", "destination_url": "https://one.example/"},
        {"device": "Mobile", "destination_url": "https://two.example/"},
        {"language": "de", "destination_url": "https://three.example/"},
    )
    assert goes_to(link, User_Agent=IPHONE, Accept_Language="de") == "https://one.example/"
    assert goes_to(link, User_Agent=PIXEL, Accept_Language="de") == "https://two.example/"
    assert goes_to(link, User_Agent=CHROME, Accept_Language="de") == "https://three.example/"


def test_a_rule_comes_before_variants():
    link = link_with({"device": "Mobile"})
    factory.make_variant(link, "only", "https://variant.example/")
    assert goes_to(link, User_Agent=IPHONE) == RULED
    assert goes_to(link, User_Agent=CHROME) == "https://variant.example/"
    by_rule, by_variant = factory.queued(link)
    assert (by_rule.request_data["rule"], by_rule.request_data["variant"]) == ("Rule 1", "")
    assert (by_variant.request_data["rule"], by_variant.request_data["variant"]) == ("", "only")


def test_a_rules_destination_gets_the_links_parameters_macros_and_query():
    link = link_with(
        {"device": "Mobile", "destination_url": "https://one.example/{code}"}, source="mail", forward_query=1
    )
    expected = f"https://one.example/{link.short_code}?utm_source=mail&a=1"
    assert goes_to(link, "?a=1", User_Agent=IPHONE) == expected


def test_a_click_says_which_rule_chose_its_destination():
    link = link_with({"device": "Mobile", "rule_name": "Phones"})
    goes_to(link, User_Agent=IPHONE)
    event = factory.event_of(link)
    assert (event.targeting_rule, event.destination_url) == ("Phones", RULED)


def test_a_changed_or_deleted_rule_works_at_once():
    link = link_with({"device": "Desktop"})
    assert goes_to(link) == RULED
    factory.change(link, targeting_rules=[{"device": "Mobile", "destination_url": RULED}])
    assert goes_to(link) == DESTINATION
    factory.change(link, targeting_rules=[{"device": "Desktop", "destination_url": "https://new.example/"}])
    assert goes_to(link) == "https://new.example/"
    factory.change(link, targeting_rules=[])
    assert goes_to(link) == DESTINATION


def test_a_copy_of_a_link_has_its_rules_too():
    link = link_with({"device": "Desktop"})
    copy = frappe.copy_doc(frappe.get_doc("Tracked Link", link.name), ignore_no_copy=False).insert()
    frappe.db.commit()
    assert goes_to(copy) == RULED


# ---------------------------------------------------------------- what can be saved


def test_rules_without_a_name_get_one_and_keep_it():
    link = link_with({"device": "Mobile"}, {"device": "Tablet", "rule_name": "Rule 1"}, {"device": "Desktop"})
    assert [row.rule_name for row in link.targeting_rules] == ["Rule 2", "Rule 1", "Rule 3"]
    fields = ["rule_name", "device", "destination_url"]
    rows = [{name: row.get(name) for name in fields} for row in reversed(link.targeting_rules)]
    factory.change(link, targeting_rules=rows)
    link.reload()
    assert [row.rule_name for row in link.targeting_rules] == ["Rule 3", "Rule 1", "Rule 2"]


def test_a_rule_is_listed_with_its_conditions():
    link = link_with({"device": "Mobile", "language": "de", "query_parameter": "ref"})
    shown = frappe.get_doc("Tracked Link", link.name).as_dict().targeting_rules[0].summary
    assert shown == "Mobile · language de · ref=*"


def test_languages_and_addresses_are_written_in_one_way():
    rule = link_with({"language": " de ,en-GB", "address_range": "10.1.2.3/8; 192.0.2.1"}).targeting_rules[0]
    assert (rule.language, rule.address_range) == ("de, en-GB", "10.0.0.0/8, 192.0.2.1/32")


NOW = now_datetime().replace(microsecond=0)
DAY = timedelta(days=1)
REFUSED = [
    ([{}], "rule 1 has no condition"),
    ([{"device": "Mobile"}, {}], "rule 2 has no condition"),
    ([{"device": "Mobile", "destination_url": "javascript:alert(1)"}], "rule 1: .*must begin with http"),
    ([{"device": "Mobile", "destination_url": ""}], "rule 1: Enter where the link goes to"),
    ([{"language": "German"}], "rule 1: German is no language code"),
    ([{"country": "Narnia"}], "rule 1: Narnia is no country"),
    ([{"address_range": "10.0.0.0/99"}], "rule 1: 10.0.0.0/99 is not an address or range"),
    ([{"query_value": "x"}], "rule 1 has the parameter value x but no parameter"),
    ([{"from_date": NOW, "until_date": NOW}], "rule 1 ends before it starts"),
    ([{"from_date": NOW, "until_date": NOW - DAY}], "rule 1 ends before it starts"),
    ([{"device": "Desktop", "os": "iOS"}], "there is no Desktop with iOS"),
    ([{"device": "Mobile"}, {"device": "Mobile"}], "rule 2 would never be used, because rule 1 above it"),
    ([{"language": "de"}, {"os": "iOS"}, {"os": "iOS", "language": "nl"}], "Move rule 3 above rule 2"),
    ([{"language": "de"}, {"language": "de-AT"}], "Move rule 2 above rule 1"),
    ([{"address_range": "10.0.0.0/8"}, {"address_range": "10.1.0.0/16"}], "Move rule 2 above rule 1"),
    ([{"device": "Mobile", "rule_name": "A"}, {"os": "iOS", "rule_name": "A"}], "Two targeting rules are called A"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_a_rule_that_cannot_work_is_refused_in_a_sentence(rules, sentence):
    with pytest.raises(frappe.ValidationError, match=sentence):
        link_with(*rules)


def test_a_rule_outside_the_links_own_time_is_refused():
    with pytest.raises(frappe.ValidationError, match="rule 1 ends before the link starts"):
        link_with({"until_date": NOW}, start_date=NOW + DAY)
    with pytest.raises(frappe.ValidationError, match="rule 1 starts after the link expires"):
        link_with({"from_date": NOW + DAY}, expiry_date=NOW)


def test_a_rule_may_not_lead_to_a_short_link_of_ours():
    (host, *_) = sorted(short_urls.own_hosts())
    with pytest.raises(frappe.ValidationError, match=r"rule 1: .*is itself a short link on"):
        link_with({"device": "Mobile", "destination_url": f"https://{host}/r/abc"})
