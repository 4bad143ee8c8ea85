"""Past clicks judged again: what changes, what stays, and that counters end as if it had always been so."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain import rules as own_rules
from trackflow.domain.clicks import Ruling, Verdict
from trackflow.domain.ip_ranges import parse_ranges
from trackflow.domain.ledger import Known, day_of, settle
from trackflow.domain.rejudgement import Heir, Past, correct, judge_again, orphans
from trackflow.domain.rules import Rules

from .builders import CHROME, GOOGLEBOT, after, click, visitor

MONITOR = "MyMonitor/1.0"
NOBODY = Rules()
OWN = Rules(bot_user_agents=("mymonitor",))
TOLD = {verdict: Ruling(verdict, "told so") for verdict in Verdict}


def past(one, verdict=Verdict.HUMAN, **known):
    return Past(one, TOLD[verdict], **known)


def again(some, rules=NOBODY, internal=""):
    return [ruling.verdict for ruling in judge_again(some, rules, parse_ranges(internal)).values()]


# ---------------------------------------------------------------- rulings


def test_a_new_pattern_convicts_and_its_removal_acquits():
    one = click("a", user_agent=MONITOR)
    assert again([past(one)], OWN) == [Verdict.BOT]
    assert again([past(one, Verdict.BOT)], NOBODY) == [Verdict.HUMAN]


@pytest.mark.parametrize("verdict", [Verdict.PREFETCH, Verdict.OPTED_OUT])
def test_what_only_the_request_could_tell_stays(verdict):
    assert again([past(click("a", user_agent=MONITOR), verdict)], OWN) == [verdict]


@pytest.mark.parametrize(
    ("address", "ranges", "before", "expected"),
    [
        ("203.0.113.7", "203.0.113.7", Verdict.HUMAN, Verdict.INTERNAL),
        ("203.0.113.7", "198.51.100.0/24", Verdict.INTERNAL, Verdict.HUMAN),
        ("203.0.113.0", "203.0.113.7", Verdict.INTERNAL, Verdict.INTERNAL),
        ("203.0.113.0", "203.0.113.7", Verdict.HUMAN, Verdict.HUMAN),
        ("203.0.113.0", "203.0.0.0/16", Verdict.HUMAN, Verdict.INTERNAL),
        ("203.0.113.0", "198.51.100.0/24", Verdict.INTERNAL, Verdict.HUMAN),
        ("2001:db8:1::", "2001:db8:1:2::/64", Verdict.INTERNAL, Verdict.INTERNAL),
        ("2001:db8:1::", "2001:db8::/32", Verdict.HUMAN, Verdict.INTERNAL),
        ("", "203.0.113.7", Verdict.INTERNAL, Verdict.INTERNAL),
    ],
)
def test_internal_ranges_are_judged_by_the_address_that_was_kept(address, ranges, before, expected):
    assert again([past(click("a", ip_address=address), before)], internal=ranges) == [expected]


def test_the_duplicate_of_a_click_that_counts_no_more_counts_instead():
    first, second = click("a", user_agent=MONITOR), click("b", after(5))
    assert again([past(first), past(second, Verdict.DUPLICATE)], OWN) == [Verdict.BOT, Verdict.HUMAN]


def test_a_click_that_counts_now_is_a_duplicate_beside_one_that_counted_before():
    first, second = click("a"), click("b", after(5))
    assert again([past(first, Verdict.BOT), past(second)]) == [Verdict.DUPLICATE, Verdict.HUMAN]


def test_fixed_clicks_are_compared_with_and_not_judged():
    first, second = click("a"), click("b", after(5))
    assert again([past(first, is_fixed=True), past(second, Verdict.BOT)]) == [Verdict.DUPLICATE]


# ---------------------------------------------------------------- corrections

clicks_but_for_names = st.fixed_dictionaries(
    {
        "at": st.integers(0, 40).map(lambda n: after(n * 3)),
        "link": st.sampled_from("LM"),
        "campaign": st.sampled_from(["", "C"]),
        "variant": st.sampled_from(["", "a"]),
        "visitor_id": st.sampled_from([visitor(1), visitor(2)]),
        "user_agent": st.sampled_from([CHROME, CHROME, MONITOR, GOOGLEBOT]),
    }
)
batches = st.lists(clicks_but_for_names, max_size=12).map(
    lambda known: [click(f"c{number:03}", **each) for number, each in enumerate(known)]
)


class Books:
    """Events and counters as a database would keep them, changed only by ledgers and corrections."""

    def __init__(self, clicks, rules):
        self.known, self.events = Known(), {}
        self.links, self.campaigns, self.variants, self.days = Counter(), Counter(), Counter(), Counter()
        self._add(settle(own_rules.apply(clicks, rules), self.known))

    def _add(self, ledger):
        for one in ledger.clicks:
            self.events[one.click.name] = one
        for name, counted in (
            ("links", ledger.links),
            ("campaigns", ledger.campaigns),
            ("variants", ledger.variants),
        ):
            for key, tally in counted.items():
                getattr(self, name)[key, "clicks"] += tally.clicks
                getattr(self, name)[key, "uniques"] += tally.uniques if name != "variants" else 0
        for day, tally in ledger.days.items():
            for field, number in tally.numbers.items():
                self.days[day, field] += number

    def rejudge(self, rules):
        """Return how many verdicts changed."""
        all_past = [
            Past(
                replace(one.click, ruling=None), one.ruling, 0, one.session, one.is_unique, one.is_campaign_unique
            )
            for one in self.events.values()
        ]  # fmt: skip
        rulings = judge_again(all_past, rules, ())
        changes = [
            (one, rulings[one.click.name])
            for one in all_past
            if rulings[one.click.name].verdict is not one.ruling.verdict
        ]
        correction = correct(changes, self.known, self._heirs(changes))
        for pair, heir in correction.heirs.items():
            field = "is_unique" if pair[0] == "Tracked Link" else "is_campaign_unique"
            self.events[heir.name] = replace(self.events[heir.name], **{field: True})
        self._add(correction.ledger)
        return len(changes)

    def _heirs(self, changes):
        changed, found = {one.click.name for one, _ in changes}, {}
        for doctype, name, who in orphans(changes):
            same = [
                one.click
                for one in self.events.values()
                if one.ruling.verdict is Verdict.HUMAN and one.click.name not in changed
                and one.click.visitor_id == who
                and name == (one.click.link if doctype == "Tracked Link" else one.click.campaign)
            ]  # fmt: skip
            if same:
                heir = min(same, key=lambda one: (one.at, one.name))
                found[doctype, name, who] = Heir(heir.name, heir.at, day_of(heir))
        return found

    def check(self):
        human = [one for one in self.events.values() if one.ruling.verdict is Verdict.HUMAN]
        for counted, key, flag in (
            (self.links, lambda c: c.link, "is_unique"),
            (self.campaigns, lambda c: c.campaign, "is_campaign_unique"),
        ):
            expected = Counter()
            for one in (one for one in human if key(one.click)):
                expected[key(one.click), "clicks"] += 1
                expected[key(one.click), "uniques"] += getattr(one, flag)
            assert +counted == +expected
            pairs = {(key(one.click), one.click.visitor_id) for one in human if key(one.click)}
            assert sorted(
                (key(one.click), one.click.visitor_id) for one in human if getattr(one, flag)
            ) == sorted(pairs)
        assert +self.variants == Counter(((o.click.link, "a"), "clicks") for o in human if o.click.variant)
        assert sum(number for (_day, field), number in self.days.items() if field == "clicks") == len(human)
        assert min(self.days.values(), default=0) >= 0
        for who, seen in self.known.visitors.items():
            mine = [one for one in human if one.click.visitor_id == who]
            assert seen.clicks == len(mine)
            assert Counter(one.session for one in mine) == +Counter(
                {name: session.clicks for name, session in self.known.sessions[who].items()}
            )


@given(batches, st.lists(st.sampled_from([NOBODY, OWN]), min_size=1, max_size=3))
def test_counters_agree_with_the_events_however_often_the_rules_change(clicks, changes_of_rules):
    books = Books(clicks, NOBODY)
    for rules in changes_of_rules:
        books.rejudge(rules)
        books.check()


@given(batches, st.sampled_from([NOBODY, OWN]), st.sampled_from([NOBODY, OWN]))
def test_judging_again_under_the_same_rules_changes_nothing(clicks, first, second):
    books = Books(clicks, first)
    assert books.rejudge(first) == 0
    books.rejudge(second)
    assert books.rejudge(second) == 0


@given(batches)
def test_clicks_count_as_if_the_rules_had_always_been_so(clicks):
    judged_again, from_the_start = Books(clicks, NOBODY), Books(clicks, OWN)
    judged_again.rejudge(OWN)

    def counted_but_for_duplicates(books):
        kinds = (Verdict.HUMAN, Verdict.DUPLICATE)
        return Counter(
            (o.click.link, "person" if o.ruling.verdict in kinds else o.ruling.verdict)
            for o in books.events.values()
        )

    assert counted_but_for_duplicates(judged_again) == counted_but_for_duplicates(from_the_start)
    assert {k: n for k, n in judged_again.links.items() if k[1] == "uniques" and n} == {
        k: n for k, n in from_the_start.links.items() if k[1] == "uniques" and n
    }
