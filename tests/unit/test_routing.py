"""Where a click is sent, and in which order the possible destinations are asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.clicks import Verdict
from trackflow.domain.links import Link, Utm, Variant
from trackflow.domain.policy import Policy
from trackflow.domain.redirection import Answer, Request, answer
from trackflow.domain.routing import Passenger, Route, route
from trackflow.domain.targeting import Rule, Traits
from trackflow.domain.visits import Entropy

from .builders import CHROME, GOOGLEBOT, NOON, visitor
from .test_targeting import IPHONE

PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0"
    " Mobile Safari/537.36"
)
WEB, APP = "https://shop.example/", "myapp://product/1"
ENTROPY = Entropy(now=NOON, unix_ms=0, click_name="c1", random_bytes=bytes(10), daily_salt=b"")
PHONES = Rule("Phones", "https://phones.example/", device="Mobile")
ONLY = (Variant("only", "https://variant.example/", 1),)


def link(**known: object) -> Link:
    return Link(name="L", code="abc2345", **{"target_url": WEB, **known})


def sent(user_agent: str = CHROME, query: str = "", **known: object) -> Route:
    passenger = Passenger(visitor(1), visitor(1), "c1", "go.example")
    return route(link(**known), Traits(NOON, user_agent=user_agent, query=query), passenger)


def reply(
    user_agent: str = CHROME,
    query: str = "",
    method: str = "GET",
    policy: Policy | None = None,
    **known: object,
) -> Answer:
    request = Request(
        method=method,
        code="abc2345",
        url=f"https://go.example/r/abc2345{query}",
        host="go.example",
        remote_address="203.0.113.9",
        headers={"User-Agent": user_agent},
        cookies={},
    )
    return answer(request, link(**known), policy or Policy(), ENTROPY)


def test_rules_come_before_variants_and_variants_before_the_target():
    assert sent(IPHONE, rules=(PHONES,), variants=ONLY) == Route(PHONES.target_url, rule="Phones")
    assert sent(CHROME, rules=(PHONES,), variants=ONLY) == Route("https://variant.example/", variant="only")
    assert sent(CHROME, rules=(PHONES,)) == Route(WEB)


def test_the_rule_that_stands_higher_wins():
    apple = Rule("Apple", "https://apple.example/", system="iOS")
    assert sent(IPHONE, rules=(PHONES, apple)).rule == "Phones"
    assert sent(IPHONE, rules=(apple, PHONES)).rule == "Apple"


# ---------------------------------------------------------------- apps


def test_a_phone_tries_the_app_before_everybodys_destination():
    assert sent(IPHONE, ios_url=APP) == Route(WEB, app_url=APP)
    assert sent(PIXEL, android_url=APP) == Route(WEB, app_url=APP)
    assert sent(IPHONE, ios_url=APP, rules=(PHONES,)) == Route(PHONES.target_url, rule="Phones", app_url=APP)


@pytest.mark.parametrize("user_agent", [CHROME, PIXEL, GOOGLEBOT, ""])
def test_everybody_else_goes_to_the_web(user_agent):
    assert sent(user_agent, ios_url=APP) == Route(WEB)


def test_robots_that_pose_as_phones_go_to_the_web():
    posing = f"{PIXEL} (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    assert sent(posing, android_url=APP) == Route(WEB)


def test_a_web_address_that_the_app_has_claimed_is_simply_the_destination():
    claimed = "https://app.example/p/1"
    assert sent(IPHONE, ios_url=claimed, rules=(PHONES,), variants=ONLY) == Route(claimed)


def test_app_addresses_get_macros_and_query_but_no_visitor_id():
    known = {"ios_url": "myapp://p?c={click_id}", "has_macros": True, "forward_query": True}
    taken = sent(IPHONE, "a=1", append_visitor_id=True, **known)
    assert taken == Route(f"{WEB}?a=1&tf_visitor={visitor(1)}", app_url="myapp://p?c=c1&a=1")


def test_an_app_that_has_to_be_tried_gets_a_page_with_both_addresses():
    answered = reply(IPHONE, ios_url=APP)
    assert (answered.status, answered.page, answered.location) == (200, "app", "")
    assert (answered.app_url, answered.web_url) == (APP, WEB)
    assert answered.click.destination_url == APP
    assert answered.set_visitor == answered.click.visitor_id != ""


def test_a_claimed_web_address_is_redirected_to():
    answered = reply(IPHONE, ios_url="https://app.example/p/1", redirect_status=307)
    assert (answered.status, answered.location, answered.page) == (307, "https://app.example/p/1", "")


# ---------------------------------------------------------------- macros, forwarding, what is recorded


def test_the_click_names_the_rule_that_chose():
    click = reply(IPHONE, rules=(PHONES,)).click
    assert (click.rule, click.variant, click.destination_url) == ("Phones", "", PHONES.target_url)
    assert reply(CHROME, rules=(PHONES,)).click.rule == ""


def test_macros_are_filled_in_from_click_visitor_and_link():
    url = f"{WEB}?a={{click_id}}&b={{visitor_id}}&c={{campaign}}&d={{code}}"
    answered = reply(target_url=url, has_macros=True, utm=Utm(campaign="spring sale"))
    assert answered.location == f"{WEB}?a=c1&b={answered.set_visitor}&c=spring%20sale&d=abc2345"


@pytest.mark.parametrize(
    ("policy", "method", "expected"),
    [
        (Policy(consent_required=True), "GET", "c1/"),
        (Policy(enabled=False), "GET", f"/v_{'0' * 32}"),
        (Policy(), "HEAD", f"/v_{'0' * 32}"),
    ],
)
def test_what_is_not_recorded_or_may_not_be_told_is_left_empty(policy, method, expected):
    known = {"target_url": f"{WEB}{{click_id}}/{{visitor_id}}", "has_macros": True}
    assert reply(policy=policy, method=method, **known).location == f"{WEB}{expected}"


def test_a_closed_links_fallback_names_link_and_campaign_only():
    url = f"{WEB}{{code}}?c={{campaign}}&x={{click_id}}{{visitor_id}}"
    answered = reply(status="Paused", fallback_url=url, has_macros=True, utm=Utm(campaign="spring"))
    assert answered == Answer(302, f"{WEB}abc2345?c=spring&x=")


def test_the_query_goes_on_only_where_the_link_says_so():
    assert reply(query="?a=1").location == WEB
    assert reply(query="?a=1", forward_query=True).location == f"{WEB}?a=1"
    known = {"target_url": f"{WEB}?a=0", "forward_query": True}
    assert reply(query="?a=1", **known).location == f"{WEB}?a=0"
    assert reply(query="?a=1", visitor_wins=True, **known).location == f"{WEB}?a=1"


def test_what_a_visitor_sends_is_never_taken_for_a_macro():
    known = {"target_url": f"{WEB}?c={{code}}", "has_macros": True, "forward_query": True}
    assert reply(query="?a={click_id}", **known).location == f"{WEB}?c=abc2345&a={{click_id}}"


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=40))
def test_no_query_leads_to_another_page(query):
    location = reply(query=f"?{query}", forward_query=True, visitor_wins=True).location
    assert location.partition("?")[0] == WEB


def test_a_prefetch_opens_no_app():
    request = Request("GET", "abc2345", "https://go.example/r/abc2345", "go.example", "203.0.113.9",
                      {"User-Agent": IPHONE, "Sec-Purpose": "prefetch"}, {})  # fmt: skip
    answered = answer(request, link(ios_url=APP), Policy(), ENTROPY)
    assert (answered.status, answered.page) == (503, "prefetch")
    assert answered.click.ruling.verdict is Verdict.PREFETCH
