"""What the tracker in a page tells: who is heard, and what is kept."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.consent import Consent
from trackflow.domain.errors import Refused
from trackflow.domain.page_views import utm_of
from trackflow.domain.policy import Policy
from trackflow.domain.tracker import (
    MAX_URL,
    Outcome,
    Report,
    Told,
    clean,
    hear,
    host_of,
    is_website,
    parse_websites,
)
from trackflow.domain.visits import Entropy

from .builders import CHROME, GOOGLEBOT, NOON, visitor

SITE, SHOP = "crm.example.org", "https://www.shop.example"
POLICY = Policy(websites=("shop.example",))
ASKS_FIRST = replace(POLICY, consent_required=True)
ENTROPY = Entropy(now=NOON, unix_ms=0, click_name="p1", random_bytes=bytes(10), daily_salt=b"salt")
NEW_VISITOR = f"v_{'0' * 32}"


def report(url=f"{SHOP}/prices", origin=SHOP, headers=None, cookies=None, **told):
    headers = {"User-Agent": CHROME, **(headers or {})}
    return Report(Told(url, **told), origin, SITE, "203.0.113.77", headers, cookies or {})


def own(**told):
    return report(f"https://{SITE}/prices", f"https://{SITE}", **told)


def heard(one, policy=POLICY) -> Outcome:
    return hear(one, policy, ENTROPY)


# ---------------------------------------------------------------- who is heard


def test_a_page_of_a_known_website_is_heard():
    view = heard(report(title="Prices", referrer="https://search.example/q?text=secret")).view
    assert (view.name, view.at, view.url, view.title) == ("p1", NOON, f"{SHOP}/prices", "Prices")
    assert (view.referrer, view.ip_address) == ("https://search.example/q", "203.0.113.77")


def test_the_sites_own_pages_need_no_entry():
    assert heard(own(), Policy()).view


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://notshop.example", "null", "", "https://"]
)
def test_pages_of_others_are_turned_away(origin):
    with pytest.raises(Refused) as refused:
        heard(report(f"{origin}/prices", origin))
    assert refused.value.reason == "page_origin"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://other.example/",
        "/prices",
        "javascript:alert(1)",
        "ftp://www.shop.example/",
        "https://[",
        "x",
    ],
)
def test_a_page_tells_of_itself_alone(url):
    with pytest.raises(Refused) as refused:
        heard(report(url))
    assert refused.value.reason == "page_url"


@pytest.mark.parametrize(
    ("known", "policy"),
    [
        ({"headers": {"User-Agent": GOOGLEBOT}}, POLICY),
        ({"headers": {"User-Agent": ""}}, POLICY),
        ({"headers": {"User-Agent": f"{CHROME} MyMonitor"}}, replace(POLICY, bot_user_agents=("mymonitor",))),
        ({"headers": {"Sec-Purpose": "prefetch;prerender"}}, POLICY),
        ({"cookies": {"trackflow_opt_out": "1"}}, POLICY),
        ({}, replace(POLICY, internal_ranges="203.0.113.0/24")),
        ({}, replace(POLICY, enabled=False)),
    ],
    ids=["robot", "no user agent", "own robot", "prefetch", "opted out", "internal", "switched off"],
)
def test_what_is_not_a_visitors_leaves_nothing(known, policy):
    assert heard(report(**known), policy) == Outcome()


# ---------------------------------------------------------------- which visitor


def test_a_new_visitor_may_keep_an_id():
    outcome = heard(report())
    assert (outcome.view.visitor_id, outcome.keep) == (NEW_VISITOR, NEW_VISITOR)
    assert outcome.view.consent is Consent.NOT_REQUIRED


def test_a_known_visitor_is_the_same():
    assert heard(report(visitor=visitor(1))).view.visitor_id == visitor(1)
    assert heard(own(cookies={"trackflow_visitor": visitor(2)})).view.visitor_id == visitor(2)


def test_an_id_that_a_link_has_just_handed_over_comes_before_the_cookie():
    cookies = {"trackflow_visitor": visitor(2)}
    assert heard(own(visitor=visitor(1), cookies=cookies)).view.visitor_id == visitor(1)


@pytest.mark.parametrize(
    "claimed", ["v_1", "V_" + "0" * 32, "v_" + "g" * 32, "' OR 1=1", "v_" + "0" * 33, "\n"]
)
def test_an_id_that_can_be_none_is_not_believed(claimed):
    assert heard(report(visitor=claimed)).view.visitor_id == NEW_VISITOR


def test_without_consent_nothing_is_kept():
    outcome = heard(report(visitor=visitor(1)), ASKS_FIRST)
    assert (outcome.keep, outcome.asks, outcome.view.consent) == ("", True, Consent.UNKNOWN)
    assert outcome.view.visitor_id not in (visitor(1), NEW_VISITOR)
    assert outcome.view.ip_address == "203.0.113.0"


def test_with_consent_the_id_is_kept():
    outcome = heard(report(visitor=visitor(1), consent="granted"), ASKS_FIRST)
    assert (outcome.keep, outcome.asks, outcome.view.consent) == (visitor(1), False, Consent.GRANTED)


@pytest.mark.parametrize("policy", [POLICY, ASKS_FIRST], ids=["not asked", "asked"])
@pytest.mark.parametrize(
    "known",
    [
        {"consent": "denied"},
        {"consent": "granted", "cookies": {"trackflow_consent": "denied"}},
        {"consent": "denied", "cookies": {"trackflow_consent": "granted"}},
    ],
    ids=str,
)
def test_a_no_anywhere_is_a_no_and_the_id_is_to_be_forgotten(policy, known):
    outcome = heard(report(visitor=visitor(1), **known), policy)
    assert (outcome.keep, outcome.forget, outcome.asks) == ("", True, False)
    assert outcome.view.consent is Consent.DENIED
    assert outcome.view.visitor_id != visitor(1)


@pytest.mark.parametrize(
    "known", [{"says_no": True}, {"headers": {"Sec-GPC": "1"}}, {"headers": {"DNT": "1"}}], ids=str
)
def test_browsers_that_say_no_are_heard_as_with_a_click(known):
    one = report(consent="granted", **known)
    assert heard(one, ASKS_FIRST).view.consent is Consent.DENIED
    assert heard(one, replace(POLICY, honour_privacy_headers=True)).view.consent is Consent.DENIED
    assert heard(one, POLICY).view.consent is Consent.NOT_REQUIRED


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://Shop.Example/a/b?utm_source=x&key=s3cret&utm_medium=y#token", "https://shop.example/a/b?utm_source=x&utm_medium=y"),
        ("https://user:password@shop.example:8443/", "https://shop.example:8443/"),
        ("https://shop.example/a b/<script>\"", "https://shop.example/a%20b/%3Cscript%3E%22"),
        ("https://shop.example/Gr%C3%BC%C3%9Fe", "https://shop.example/Gr%C3%BC%C3%9Fe"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("android-app://com.google.android.gm/", "android-app://com.google.android.gm/"),
        ("https://shop.example/?utm_source=a&utm_source=b", "https://shop.example/?utm_source=a"),
        ("https://shop.example:99999/", ""),
        ("https://<b>/", ""),
        ("nonsense", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_of_an_address_only_place_and_campaign_are_kept(url, kept):
    assert clean(url) == kept


def test_a_long_address_loses_its_end_and_not_its_campaign():
    kept = clean(f"https://shop.example/{'a' * 5000}?utm_source=mail&utm_campaign=spring")
    assert len(kept) == MAX_URL
    assert utm_of(kept).campaign == "spring"


@given(st.text(), st.text(), st.text(), st.text())
def test_nothing_that_is_told_makes_it_raise_anything_else(url, title, referrer, other):
    for origin in (SHOP, other):
        one = Report(
            Told(url, title, referrer, other, other),
            origin,
            other,
            other,
            {"User-Agent": other or CHROME},
            {},
        )
        try:
            view = heard(one).view
        except Refused:
            continue
        assert view is None or len(view.url) <= MAX_URL


@given(st.text(), st.text(), st.text())
def test_an_address_with_anything_in_it_is_kept_within_its_bounds(path, name, value):
    kept = clean(f"https://shop.example/{path}?utm_source={value}&{name}={value}")
    assert kept == "" or kept.startswith("https://shop.example/")
    assert len(kept) <= MAX_URL
    assert kept.isascii()
    assert clean(kept) == kept
    assert host_of(path) == "" or host_of(path).isascii()


# ---------------------------------------------------------------- websites


def test_websites_are_host_names_one_a_line():
    text = " www.Shop.example \n\nhttps://blog.example:8080/post?x=1\nwww.shop.example\nlocalhost\nbücher.example"
    assert parse_websites(text) == ("www.shop.example", "blog.example", "localhost", "xn--bcher-kva.example")
    assert parse_websites("") == ()


@pytest.mark.parametrize("text", ["*.shop.example", "https://", "shop example", "<b>", "a,b"])
def test_what_is_no_host_name_is_refused(text):
    with pytest.raises(Refused, match="website"):
        parse_websites(text)


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("shop.example", True),
        ("www.shop.example", True),
        ("a.b.shop.example", True),
        ("notshop.example", False),
        ("shop.example.evil.example", False),
        ("localhost", True),
        ("evil.localhost", False),
        ("", False),
    ],
)
def test_what_lies_below_a_website_belongs_to_it(host, is_one):
    assert is_website(host, ("shop.example", "localhost")) is is_one
