"""Rules that could never win are refused, and only those."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trackflow.domain.errors import Refused
from trackflow.domain.targeting import first_match, holds
from trackflow.domain.targeting_checks import check_language, check_rules, covers

from .builders import NOON, after
from .test_targeting import rule, rules, some_traits


def refusal(*offered: object, **times: object) -> dict:
    with pytest.raises(Refused) as refused:
        check_rules(offered, **times)
    return {"reason": refused.value.reason, **refused.value.details}


@given(rules, rules, some_traits)
def test_whoever_matches_a_covered_rule_matches_the_one_that_covers_it(earlier, later, visitor):
    assume(covers(earlier, later) and holds(later, visitor))
    assert holds(earlier, visitor)


@given(rules)
def test_a_rule_covers_itself(one):
    assert covers(one, one)


@given(st.lists(rules, max_size=5), some_traits)
def test_a_rule_that_is_refused_as_shadowed_never_wins(offered, visitor):
    try:
        check_rules(offered)
    except Refused as refused:
        assume(refused.reason == "rule_shadowed")
        shadowed = offered[refused.details["number"] - 1]
        assert first_match(offered, visitor) is not shadowed


def test_rules_of_different_visitors_get_along():
    check_rules(
        [
            rule(device="Mobile", system="iOS"),
            rule(device="Mobile"),
            rule(system="iOS"),
            rule(countries=("DE",)),
        ]
    )


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"device": "Mobile"}, {"device": "Mobile"}),
        ({"device": "Mobile"}, {"device": "Mobile", "languages": ("de",)}),
        ({"languages": ("de", "fr")}, {"languages": ("fr-ch", "de")}),
        ({"countries": ("DE", "AT")}, {"countries": ("AT",)}),
        ({"parameter": "ref"}, {"parameter": "ref", "parameter_value": "x"}),
        ({"addresses": "10.0.0.0/8, ::/0"}, {"addresses": "10.1.0.0/16, 2001:db8::/32"}),
        ({"starts_at": NOON}, {"starts_at": after(1)}),
        (
            {"starts_at": NOON, "ends_at": after(9)},
            {"starts_at": NOON, "ends_at": after(9), "device": "Tablet"},
        ),
    ],
)
def test_a_rule_below_a_wider_one_is_refused_and_the_other_way_round_is_not(earlier, later):
    refused = refusal(rule(**earlier), rule(parameter="other"), rule(**later))
    assert refused == {"reason": "rule_shadowed", "number": 3, "earlier": 1}
    if earlier != later:
        check_rules([rule(**later), rule(**earlier)])


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"device": "Mobile"}, {"system": "iOS"}),
        ({"languages": ("de-at",)}, {"languages": ("de",)}),
        ({"languages": ("de",)}, {"languages": ("den",)}),
        ({"countries": ("DE",)}, {"countries": ("DE", "AT")}),
        ({"parameter": "ref", "parameter_value": "x"}, {"parameter": "ref"}),
        ({"addresses": "10.0.0.0/8"}, {"addresses": "10.0.0.0/8, 192.0.2.1"}),
        ({"addresses": "0.0.0.0/0"}, {"addresses": "::1"}),
        ({"ends_at": NOON}, {"ends_at": after(1)}),
        ({"starts_at": NOON}, {"ends_at": after(1)}),
    ],
)
def test_a_rule_that_some_visitors_reach_is_fine(earlier, later):
    check_rules([rule(**earlier), rule(**later)])


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({}, "rule_empty"),
        ({"parameter_value": "x"}, "rule_value_alone"),
        ({"starts_at": NOON, "ends_at": NOON}, "rule_dates"),
        ({"starts_at": after(1), "ends_at": NOON}, "rule_dates"),
        ({"device": "Desktop", "system": "iOS"}, "rule_impossible_device"),
        ({"device": "Mobile", "system": "Windows"}, "rule_impossible_device"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(known, reason):
    refused = refusal(rule(device="Tablet"), rule(**known))
    assert (refused["reason"], refused["number"]) == (reason, 2)


def test_a_rule_outside_the_links_time_is_refused():
    assert refusal(rule(ends_at=NOON), starts_at=NOON)["reason"] == "rule_before_link"
    assert refusal(rule(starts_at=NOON), expires_at=NOON)["reason"] == "rule_after_link"
    check_rules([rule(starts_at=after(-1), ends_at=after(1))], starts_at=NOON, expires_at=after(9))


@pytest.mark.parametrize("text", ["German", "d", "de_AT", "de-", "*", "", "de;q=1", "\u0434\u0435"])
def test_what_is_no_language_code_is_refused(text):
    with pytest.raises(Refused):
        check_language(text)


@pytest.mark.parametrize("text", ["de", "en-GB", "zh-Hant-TW", "gsw", "es-419"])
def test_language_codes_are_those_that_browsers_send(text):
    assert check_language(text) == text
