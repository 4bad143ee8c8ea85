"""The whole decision on a request to a short link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.clicks import MAX_URL, MAX_USER_AGENT, Verdict, judge
from trackflow.domain.consent import Consent
from trackflow.domain.links import Link, Utm
from trackflow.domain.policy import Policy
from trackflow.domain.redirection import Answer, Request, answer
from trackflow.domain.visitors import valid_visitor_id
from trackflow.domain.visits import Entropy

from .builders import CHROME, NOON, after, visitor

TARGET = "https://shop.example/?utm_source=mail"
RANDOM, UNIX_MS = bytes(range(10)), 0x0190_0000_0000
ENTROPY = Entropy(
    now=NOON, unix_ms=UNIX_MS, click_name="c1", random_bytes=RANDOM, daily_salt=b"salt of today..."
)
NEW_VISITOR = f"v_019000000000{RANDOM.hex()}"
ASKS_FIRST = Policy(consent_required=True)
ADDRESS = "203.0.113.77"
any_text = st.text(st.characters(exclude_categories=()))


def link(**known: object) -> Link:
    return Link(name="L", code="abc2345", **{"target_url": TARGET, **known})


def request(method: str = "GET", cookies: dict | None = None, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(
        method=method,
        code="abc2345",
        url="https://go.example/r/abc2345",
        host="go.example",
        remote_address=ADDRESS,
        headers={"User-Agent": CHROME, **named},
        cookies=cookies or {},
    )


def said(asked: Request | None = None, policy: Policy | None = None, **known: object) -> Answer:
    return answer(asked or request(), link(**known), policy or Policy(), ENTROPY)


def test_an_unknown_code_is_not_found_and_leaves_nothing():
    assert answer(request(), None, Policy(), ENTROPY) == Answer(404, page="unknown")


def test_an_open_link_redirects_records_the_click_and_sets_the_cookie():
    reply = said(campaign="C", utm=Utm(source="mail"))
    assert (reply.status, reply.location, reply.page) == (302, TARGET, "")
    assert reply.set_visitor == reply.click.visitor_id == NEW_VISITOR
    assert (reply.click.name, reply.click.link, reply.click.campaign) == ("c1", "L", "C")
    assert (reply.click.at, reply.click.utm, reply.click.destination_url) == (
        NOON,
        Utm(source="mail"),
        TARGET,
    )
    assert judge(reply.click, None).verdict is Verdict.HUMAN


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_link_chooses_its_redirect_status(status):
    assert said(redirect_status=status).status == status


@pytest.mark.parametrize(
    ("known", "status", "page"),
    [
        ({"status": "Paused"}, 410, "paused"),
        ({"status": "Archived"}, 410, "archived"),
        ({"expires_at": NOON}, 410, "expired"),
        ({"starts_at": after(1)}, 404, "not_started"),
    ],
)
def test_a_closed_link_says_why_or_goes_to_its_fallback(known, status, page):
    assert said(**known) == Answer(status, page=page)
    fallback = said(**known, fallback_url="https://shop.example/sorry")
    assert fallback == Answer(302, "https://shop.example/sorry")


def test_a_visitor_keeps_the_id_of_the_cookie():
    reply = said(request(cookies={"trackflow_visitor": visitor(7)}))
    assert reply.set_visitor == reply.click.visitor_id == visitor(7)


@given(any_text)
def test_a_cookie_that_is_no_visitor_id_is_replaced(claimed):
    assert said(request(cookies={"trackflow_visitor": claimed})).set_visitor == NEW_VISITOR


def test_head_is_answered_and_not_recorded():
    reply = said(request("HEAD"))
    assert (reply.status, reply.location, reply.click, reply.set_visitor) == (302, TARGET, None, "")


def test_a_site_that_switched_tracking_off_still_redirects():
    reply = said(policy=Policy(enabled=False))
    assert (reply.status, reply.location, reply.click, reply.set_visitor) == (302, TARGET, None, "")


def test_a_prefetch_is_refused_so_that_the_real_click_comes_through():
    reply = said(request(Sec_Purpose="prefetch"))
    assert (reply.status, reply.location, reply.set_visitor) == (503, "", "")
    assert reply.click.ruling.verdict is Verdict.PREFETCH


def test_before_consent_there_is_no_cookie_and_only_an_id_of_the_day():
    reply = said(request(cookies={"trackflow_visitor": visitor(7)}), ASKS_FIRST)
    assert reply.set_visitor == ""
    assert reply.click.visitor_id not in (NEW_VISITOR, visitor(7))
    assert valid_visitor_id(reply.click.visitor_id)
    assert reply.click.consent is Consent.UNKNOWN
    assert said(policy=ASKS_FIRST).click.visitor_id == reply.click.visitor_id


def test_with_consent_the_cookie_is_set():
    reply = said(request(cookies={"trackflow_consent": "granted"}), ASKS_FIRST)
    assert (reply.set_visitor, reply.click.consent) == (NEW_VISITOR, Consent.GRANTED)


@pytest.mark.parametrize("header", ["Sec_GPC", "DNT"])
def test_a_privacy_header_is_a_no_where_the_site_asks(header):
    reply = said(request(cookies={"trackflow_consent": "granted"}, **{header: "1"}), ASKS_FIRST)
    assert (reply.set_visitor, reply.click.consent) == ("", Consent.DENIED)


def test_who_opted_out_gets_no_cookie_and_no_id():
    reply = said(request(cookies={"trackflow_opt_out": "1", "trackflow_visitor": visitor(7)}))
    assert (reply.status, reply.location) == (302, TARGET)
    assert reply.click.ruling.verdict is Verdict.OPTED_OUT
    assert (reply.click.visitor_id, reply.set_visitor) == ("", "")


@pytest.mark.parametrize("policy", [Policy(anonymize=True), ASKS_FIRST])
def test_an_anonymised_address_is_dropped_before_the_click_is_recorded(policy):
    assert said(policy=policy).click.ip_address == "203.0.113.0"
    assert said().click.ip_address == ADDRESS


def test_an_address_of_the_site_itself_is_internal():
    reply = said(policy=Policy(internal_ranges="10.0.0.0/8, 203.0.113.0/24"))
    assert reply.click.ruling.verdict is Verdict.INTERNAL
    assert reply.status == 302


def test_a_forged_address_makes_nobody_internal():
    policy = Policy(internal_ranges="10.0.0.0/8")
    assert said(request(X_Forwarded_For="10.0.0.1"), policy).click.ruling is None


def test_behind_a_trusted_proxy_the_address_is_the_forwarded_one():
    policy = Policy(trusted_proxies="203.0.113.0/24")
    assert said(request(X_Forwarded_For="198.51.100.4"), policy).click.ip_address == "198.51.100.4"


def test_the_visitor_id_goes_along_only_where_the_link_asks_for_it():
    assert said(append_visitor_id=True).location == f"{TARGET}&tf_visitor={NEW_VISITOR}"
    assert said(append_visitor_id=False).location == TARGET


def test_the_visitor_id_does_not_go_along_to_our_own_site():
    own = "https://go.example/landing"
    assert said(append_visitor_id=True, target_url=own).location == own


@given(any_text, any_text, any_text, any_text)
def test_no_header_makes_a_redirect_fail(user_agent, referrer, language, forwarded_for):
    asked = request(
        User_Agent=user_agent, Referer=referrer, Accept_Language=language, X_Forwarded_For=forwarded_for
    )
    reply = said(asked, Policy(trusted_proxies="0.0.0.0/0"))
    assert (reply.status, reply.location) == (302, TARGET)
    for kept in (reply.click.user_agent, reply.click.referrer, reply.click.language, reply.click.ip_address):
        assert kept.isprintable() and kept.encode("utf-8") is not None


def test_what_is_recorded_of_a_request_is_cropped():
    reply = said(request(User_Agent="x" * 9_000, Referer="https://a.example/" + "x" * 9_000))
    assert (len(reply.click.user_agent), len(reply.click.referrer)) == (MAX_USER_AGENT, MAX_URL)
