"""Targeting rules: the first one of which all conditions hold wins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.ip_ranges import parse_address
from trackflow.domain.targeting import DEVICES, SYSTEMS, Rule, Traits, first_match, holds, preferred_language

from .builders import CHROME, GOOGLEBOT, NOON, after

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.5 Mobile/15E148 Safari/604.1"
)
COUNTRIES = {"203.0.113.9": "DE", "2001:db8::9": "AT"}

CONDITIONS = {
    "device": st.sampled_from(["", *DEVICES]),
    "system": st.sampled_from(["", *SYSTEMS]),
    "languages": st.sampled_from([(), ("de",), ("en", "fr-ca"), ("de-at",)]),
    "countries": st.sampled_from([(), ("DE",), ("DE", "AT"), ("FR",)]),
    "parameter": st.sampled_from(["", "ref"]),
    "parameter_value": st.sampled_from(["", "x"]),
    "starts_at": st.sampled_from([None, after(-60), NOON, after(60)]),
    "ends_at": st.sampled_from([None, after(-60), NOON, after(60)]),
    "addresses": st.sampled_from(["", "203.0.113.0/24", "2001:db8::/32, 10.0.0.0/8"]),
}
rules = st.fixed_dictionaries({}, optional=CONDITIONS).map(lambda known: rule(**known))


def rule(name: str = "R", **known: object) -> Rule:
    return Rule(name=name, target_url="https://rule.example/", **known)


def country_of(address: object) -> str:
    return COUNTRIES.get(str(address), "")


def traits(address: str = "203.0.113.9", **known: object) -> Traits:
    given_ = {"now": NOON, "user_agent": CHROME, "country_of": country_of, **known}
    return Traits(address=parse_address(address), **given_)


some_traits = st.builds(
    traits,
    address=st.sampled_from([*COUNTRIES, "198.51.100.1"]),
    user_agent=st.sampled_from([CHROME, IPHONE, GOOGLEBOT, ""]),
    accept_language=st.sampled_from(["", "de-AT,en", "en;q=0.5,de;q=0.9", "fr-CA", "*"]),
    query=st.sampled_from(["", "ref=x", "ref=y&ref=x", "a=1"]),
    now=st.sampled_from([after(-61), NOON, after(61)]),
)


@given(st.lists(rules, max_size=6), some_traits)
def test_the_first_rule_that_holds_wins(offered, visitor):
    chosen = first_match(offered, visitor)
    if chosen is None:
        assert not any(holds(one, visitor) for one in offered)
        return
    place = next(i for i, one in enumerate(offered) if one is chosen)
    assert holds(chosen, visitor) and not any(holds(one, visitor) for one in offered[:place])


@given(rules, some_traits)
def test_a_rule_holds_exactly_when_each_of_its_conditions_does(whole, visitor):
    alone = [
        rule(**{name: value, **({"parameter_value": whole.parameter_value} if name == "parameter" else {})})
        for name, value in vars(whole).items()
        if value and name not in ("name", "target_url", "parameter_value")
    ]
    assert holds(whole, visitor) == all(holds(one, visitor) for one in alone)


@given(st.lists(rules, max_size=5), some_traits, st.integers(0, 5))
def test_a_rule_that_does_not_hold_changes_nothing_wherever_it_stands(offered, visitor, place):
    never = rule("never", starts_at=after(3600))
    assert first_match([*offered[:place], never, *offered[place:]], visitor) == first_match(offered, visitor)


@pytest.mark.parametrize(
    ("known", "matching", "other"),
    [
        ({"device": "Desktop"}, {}, {"user_agent": IPHONE}),
        ({"device": "Mobile"}, {"user_agent": IPHONE}, {"user_agent": GOOGLEBOT}),
        ({"system": "iOS"}, {"user_agent": IPHONE}, {"user_agent": ""}),
        ({"system": "Windows"}, {}, {"user_agent": IPHONE}),
        ({"languages": ("de",)}, {"accept_language": "DE-at"}, {"accept_language": "den"}),
        ({"languages": ("de-at",)}, {"accept_language": "de-AT"}, {"accept_language": "de"}),
        ({"countries": ("DE", "AT")}, {}, {"address": "198.51.100.1"}),
        ({"countries": ("AT",)}, {"address": "2001:db8::9"}, {"address": ""}),
        ({"parameter": "ref"}, {"query": "ref"}, {"query": "REF=1"}),
        ({"parameter": "a b", "parameter_value": "\u00fc"}, {"query": "x&a+b=%C3%BC"}, {"query": "a+b="}),
        ({"addresses": "203.0.113.0/24"}, {}, {"address": "203.0.112.9"}),
        ({"addresses": "203.0.113.0/24"}, {"address": "::ffff:203.0.113.9"}, {"address": ""}),
        ({"starts_at": NOON}, {}, {"now": after(-1)}),
        ({"ends_at": NOON}, {"now": after(-1)}, {}),
    ],
)
def test_each_condition_tells_visitors_apart(known, matching, other):
    assert holds(rule(**known), traits(**matching))
    assert not holds(rule(**known), traits(**other))


def test_without_a_database_a_country_is_never_known():
    assert not holds(rule(countries=("DE",)), Traits(NOON, address=parse_address("203.0.113.9")))


def test_nothing_is_looked_up_that_no_rule_asks_for():
    def must_not_be_called(_address: object) -> str:
        raise AssertionError("looked up")

    visitor = traits(country_of=must_not_be_called)
    first_match(
        [rule(device="Mobile"), rule(device="Mobile", countries=("DE",)), rule(device="Desktop")], visitor
    )
    assert "language" not in vars(visitor) and "parameters" not in vars(visitor)
    first_match([rule(languages=("de",))], fresh := traits())
    assert "client" not in vars(fresh)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ""),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de-at"),
        ("en;q=0.8, de-CH ; q=0.9", "de-ch"),
        ("en;q=0.5,de;q=0.5", "en"),
        ("en;q=0,de;q=0.001", "de"),
        ("en;q=0", ""),
        ("*", ""),
        ("*,de;q=0.1", "de"),
        ("de;q=oops,en;q=0.1", "en"),
        ("de;q=2,en;q=0.1", "en"),
        ("de;q=nan,en;q=0.1", "en"),
        (",;,;q=1, fr", "fr"),
    ],
)
def test_the_preferred_language_is_the_one_with_the_highest_quality(header, expected):
    assert preferred_language(header) == expected


@given(st.text())
def test_no_header_is_too_odd_for_a_language(header):
    assert "," not in preferred_language(header)


@given(st.text(), st.text(), st.text())
def test_no_request_is_too_odd_for_rules(user_agent, language, query):
    visitor = traits(user_agent=user_agent, accept_language=language, query=query)
    first_match(
        [rule(system="iOS"), rule(languages=("xx",)), rule(parameter="a", parameter_value="b")], visitor
    )
