"""Passwords, limits, previews and short domains, as the redirect's rules decide on them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.clicks import Verdict
from trackflow.domain.links import Availability, Link
from trackflow.domain.policy import Policy, ShortDomain
from trackflow.domain.redirection import Answer, Attempt, Place, answer, closed

from .builders import GOOGLEBOT, NOON, after, visitor
from .test_redirection import ENTROPY, NEW_VISITOR, TARGET, link, request, said

STATES = [state for state in Availability if state is not Availability.OPEN]
FIELDS = {
    Availability.PAUSED: {"status": "Paused"},
    Availability.ARCHIVED: {"status": "Archived"},
    Availability.NOT_STARTED: {"starts_at": after(1)},
    Availability.EXPIRED: {"expires_at": NOON},
}
LOCKED = {"password_hash": "hash"}


def posted(attempt: Attempt, **known: object) -> Answer:
    return said(replace(request("POST"), attempt=attempt), **known)


def previewed(**known: object) -> Answer:
    return said(replace(request(), preview=True), **known)


# ---------------------------------------------------------------- passwords


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("headers", [{}, {"Sec_Purpose": "prefetch"}, {"User_Agent": GOOGLEBOT}])
def test_without_a_password_nobody_learns_where_a_locked_link_leads(method, headers):
    assert said(request(method, **headers), **LOCKED) == Answer(200, page="password")


@pytest.mark.parametrize(("attempt", "status"), [(Attempt.WRONG, 403), (Attempt.TOO_MANY, 429)])
def test_a_wrong_password_says_so_and_records_nothing(attempt, status):
    assert posted(attempt, **LOCKED) == Answer(status, page="password", attempt=attempt)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_right_password_redirects_without_sending_it_on(status):
    reply = posted(Attempt.RIGHT, redirect_status=status, **LOCKED)
    assert (reply.status, reply.location, reply.click.destination_url) == (303, TARGET, TARGET)
    assert reply.set_visitor == NEW_VISITOR


def test_a_link_without_a_password_takes_no_post():
    assert posted(Attempt.NONE) == Answer(405)
    assert said(replace(request("POST"), preview=True), **LOCKED) == Answer(405)


# ---------------------------------------------------------------- limits


def test_a_person_takes_a_place_and_others_only_look():
    assert said(max_clicks=3).place == Place(3, NEW_VISITOR)
    for asked in (
        request("HEAD"),
        request(User_Agent=GOOGLEBOT),
        request(User_Agent=""),
        request(cookies={"trackflow_opt_out": "1", "trackflow_visitor": visitor(7)}),
    ):
        reply = said(asked, max_clicks=3)
        assert (reply.status, reply.place) == (302, Place(3, ""))
    assert said(policy=Policy(internal_ranges="203.0.113.0/24"), max_clicks=3).place == Place(3, "")
    own = Policy(bot_user_agents=("mymonitor",))
    assert said(request(User_Agent="MyMonitor/1"), policy=own, max_clicks=3).place == Place(3, "")


def test_neither_a_prefetch_nor_an_unlimited_link_asks_for_a_place():
    assert said(request(Sec_Purpose="prefetch"), max_clicks=3).place is None
    assert said().place is None


def test_a_place_is_taken_also_where_nothing_is_recorded():
    reply = said(policy=Policy(enabled=False), max_clicks=3)
    assert (reply.click, reply.place) == (None, Place(3, NEW_VISITOR))


def test_a_locked_link_asks_for_a_place_only_after_the_right_password():
    assert said(max_clicks=3, **LOCKED).place is None
    assert posted(Attempt.RIGHT, max_clicks=3, **LOCKED).place == Place(3, NEW_VISITOR)


# ---------------------------------------------------------------- fallbacks


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.value)
def test_each_state_has_its_own_fallback_before_the_general_one(state):
    own = tuple((each.value, f"https://shop.example/{each.value}") for each in STATES)
    general = "https://shop.example/over"
    known = link(fallbacks=own, fallback_url=general)
    assert closed(known, state) == Answer(302, f"https://shop.example/{state.value}")
    others = tuple(pair for pair in own if pair[0] != state.value)
    assert closed(link(fallbacks=others, fallback_url=general), state) == Answer(302, general)
    assert closed(link(fallbacks=others), state).page == state.value


# ---------------------------------------------------------------- previews


def test_a_preview_shows_the_destination_and_records_nothing():
    assert previewed(max_clicks=2) == Answer(200, page="preview", shown=TARGET, place=Place(2, ""))
    assert previewed(append_visitor_id=True).shown == TARGET


def test_a_preview_of_a_locked_link_shows_nothing():
    assert previewed(**LOCKED) == Answer(200, page="preview")


@pytest.mark.parametrize("state", FIELDS, ids=lambda state: state.value)
def test_a_preview_of_a_closed_link_leads_nowhere(state):
    reply = previewed(fallback_url="https://shop.example/over", **FIELDS[state])
    assert (reply.location, reply.page) == ("", state.value)


# ---------------------------------------------------------------- domains and codes

DOMAIN = ShortDomain(not_found_redirect="https://www.example/sorry", append_visitor_id=True)


@pytest.mark.parametrize("host", ["go.example", "GO.example", "go.example:8443"])
def test_a_domain_is_found_by_its_host_whatever_the_case_and_port(host):
    policy = Policy(domains={"go.example": DOMAIN, "go.example:99": ShortDomain()})
    assert policy.domain_of(host) is DOMAIN
    assert policy.domain_of("go.example:99") is not DOMAIN
    assert policy.domain_of("x.go.example") == ShortDomain()


def test_an_unknown_code_leads_where_its_domain_says():
    there, elsewhere = Policy(domains={"go.example": DOMAIN}), Policy(domains={"to.example": DOMAIN})
    assert answer(request(), None, there, ENTROPY) == Answer(302, "https://www.example/sorry")
    assert answer(request(), None, elsewhere, ENTROPY) == Answer(404, page="unknown")


def test_a_domain_may_ask_for_the_visitor_id():
    policy = Policy(domains={"go.example": DOMAIN})
    assert said(policy=policy).location == f"{TARGET}&tf_visitor={NEW_VISITOR}"


def test_where_case_matters_another_case_is_an_unknown_code():
    other = replace(request(), code="ABC2345")
    assert said(other).status == 302
    assert said(other, Policy(case_sensitive_codes=True)) == Answer(404, page="unknown")
    assert said(policy=Policy(case_sensitive_codes=True)).status == 302


# ---------------------------------------------------------------- what must hold for all


@given(
    known=st.fixed_dictionaries(
        {
            "status": st.sampled_from(["Active", "Paused", "Archived"]),
            "starts_at": st.sampled_from([None, after(-1), after(1)]),
            "expires_at": st.sampled_from([None, after(-1), after(1)]),
            "fallback_url": st.sampled_from(["", "https://shop.example/over"]),
            "max_clicks": st.sampled_from([0, 3]),
            "redirect_status": st.sampled_from([301, 302, 307, 308]),
        }
    ),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    attempt=st.sampled_from([Attempt.NONE, Attempt.WRONG, Attempt.TOO_MANY]),
    preview=st.booleans(),
    headers=st.sampled_from([{}, {"Sec_Purpose": "prefetch"}, {"User_Agent": GOOGLEBOT}, {"User_Agent": ""}]),
)
def test_nothing_but_the_right_password_gets_the_destination_of_a_locked_link(
    known, method, attempt, preview, headers
):
    asked = replace(request(method, **headers), attempt=attempt, preview=preview)
    reply = answer(
        asked, Link(name="L", code="abc2345", target_url=TARGET, **LOCKED, **known), Policy(), ENTROPY
    )
    assert TARGET not in f"{reply}"
    assert reply.click is None
    assert reply.set_visitor == ""


def test_a_used_up_link_says_so():
    assert closed(link(), Availability.USED_UP) == Answer(410, page="used_up")


def test_a_bot_is_judged_a_bot_in_the_first_place():
    # What takes no place here must not count later either.
    from trackflow.domain.clicks import judge

    for agent in (GOOGLEBOT, ""):
        assert judge(said(request(User_Agent=agent)).click, None).verdict is Verdict.BOT
