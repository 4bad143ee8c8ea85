"""The site's own rules: named user agents, and many links in a second from one client."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.clicks import Ruling, Verdict
from trackflow.domain.errors import Refused
from trackflow.domain.rules import Client, Rules, Sighting, _crowded, apply, bursts, parse_patterns, suspects

from .builders import CHROME, after, click

FIVE = Rules(max_links_per_second=5)
HOME = "203.0.113.7"


def clicks_on(links, gap=0.1, address=HOME, **known):
    return [
        click(f"c{number:03}", after(number * gap), link=link, ip_address=address, **known)
        for number, link in enumerate(links)
    ]


def verdicts(clicks):
    return [one.ruling.verdict if one.ruling else None for one in clicks]


# ---------------------------------------------------------------- own list


def test_a_user_agent_of_the_own_list_is_a_bot_in_any_case_and_the_pattern_is_named():
    rules = Rules(bot_user_agents=parse_patterns("MyMonitor\n\n  othermon \n"))
    (hit, other) = apply([click("a", user_agent="x MYMONITOR/2"), click("b")], rules)
    assert hit.ruling == Ruling(Verdict.BOT, "robot of your own list: mymonitor")
    assert other.ruling is None


def test_a_ruling_of_the_request_stays():
    given_ruling = Ruling(Verdict.OPTED_OUT, "told so")
    (one,) = apply([click("a", user_agent="mymonitor", ruling=given_ruling)], Rules(("mymonitor",)))
    assert one.ruling == given_ruling


@pytest.mark.parametrize("text", ["ab", "Mozilla", "safari/", "Windows NT", "ok-monitor\nchrome"])
def test_patterns_that_would_hit_ordinary_browsers_are_refused(text):
    with pytest.raises(Refused):
        parse_patterns(text)


# ---------------------------------------------------------------- many links in a second


def test_more_links_in_a_second_than_allowed_make_all_of_them_a_robots():
    found = apply(clicks_on("ABCDEF"), FIVE)
    assert verdicts(found) == [Verdict.BOT] * 6
    assert found[0].ruling.reason == "more than 5 links in a second from one address"


@pytest.mark.parametrize(
    "some",
    [
        clicks_on("ABCDE"),
        clicks_on("ABCDEF", gap=0.2),
        clicks_on("ABABABABAB"),
        clicks_on("ABCDEF", address=""),
        clicks_on("ABC") + clicks_on("DEF", address="203.0.113.8"),
        clicks_on("ABC") + clicks_on("DEF", user_agent=CHROME + " Edg/1"),
    ],
    ids=["as many as allowed", "slower", "the same links", "no address", "other address", "other browser"],
)
def test_people_are_left_alone(some):
    assert verdicts(apply(some, FIVE)) == [None] * len(some)


def test_addresses_of_proxies_are_left_alone():
    rules = Rules(max_links_per_second=5, shared_addresses="203.0.113.0/24")
    assert verdicts(apply(clicks_on("ABCDEF"), rules)) == [None] * 6
    assert suspects(clicks_on("ABCDEF"), rules) == []


def test_without_a_limit_nobody_is_suspected():
    assert verdicts(apply(clicks_on("ABCDEFGHIJ"), Rules())) == [None] * 10


def test_what_a_suspect_did_in_earlier_batches_counts():
    batch = clicks_on("DEF")
    earlier = [Sighting((HOME, CHROME), after(-0.3), link) for link in "ABC"]
    assert {one.link for one in suspects(batch, FIVE)} == {"D", "E", "F"}
    assert verdicts(apply(batch, FIVE, earlier)) == [Verdict.BOT] * 3
    assert verdicts(apply(batch, FIVE, earlier[:2])) == [None] * 3


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ABCDEFG")), max_size=30), st.integers(1, 6))
def test_a_sighting_is_crowded_if_and_only_if_some_second_around_it_has_too_many_links(told, limit):
    seen = [Sighting((HOME, CHROME), after(tenths / 10), link) for tenths, link in sorted(told)]
    windows = [
        [one for one in seen if timedelta(0) <= one.at - start.at < timedelta(seconds=1)] for start in seen
    ]
    crowds = [window for window in windows if len({one.link for one in window}) > limit]
    expected = [any(one in crowd for crowd in crowds) for one in seen]
    assert list(_crowded(seen, limit)) == expected


@given(st.lists(st.tuples(st.sampled_from("ABCDEFGH"), st.integers(0, 30)), max_size=30))
def test_what_is_stored_is_judged_as_a_batch_would_be(opened):
    rules = Rules(max_links_per_second=3)
    batch = [
        click(f"c{number:03}", after(at / 10), link=link, ip_address=HOME)
        for number, (link, at) in enumerate(opened)
    ]
    seen = [Sighting(Client(one.ip_address, one.user_agent), one.at, one.link) for one in batch]
    convicted = {(one.at, one.link) for one in apply(batch, rules) if one.ruling}
    assert {(one.at, one.link) for one in bursts(seen, rules)} == convicted


def test_without_a_limit_or_behind_a_proxy_nobody_stored_is_convicted():
    seen = [Sighting(Client(HOME, CHROME), after(0), link) for link in "ABCDEF"]
    assert len(bursts(seen, FIVE)) == 6
    assert not bursts(seen, Rules())
    assert not bursts(seen, Rules(max_links_per_second=5, shared_addresses="203.0.113.0/24"))
