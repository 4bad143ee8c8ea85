"""The ledger: what holds for any clicks, in any batches."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.clicks import Click, Ruling, Verdict
from trackflow.domain.daily_totals import CAMPAIGN_UNIQUES, FIELDS, UNIQUES
from trackflow.domain.ledger import Known, Ledger, SettledClick, day_of, settle
from trackflow.domain.links import Utm

from .builders import CHROME, GOOGLEBOT, after, click, visitor

rulings = st.sampled_from(
    [None] * 8
    + [Ruling(verdict, "told so") for verdict in (Verdict.PREFETCH, Verdict.INTERNAL, Verdict.OPTED_OUT)]
)
seconds = st.one_of(st.integers(0, 60), st.integers(0, 4 * 3_600))
clicks_but_for_names = st.fixed_dictionaries(
    {
        "at": seconds.map(after),
        "link": st.sampled_from("LM"),
        "campaign": st.sampled_from(["", "C", "D"]),
        "variant": st.sampled_from(["", "a", "b"]),
        "visitor_id": st.sampled_from([visitor(1), visitor(2), visitor(3)]),
        "user_agent": st.sampled_from([CHROME] * 5 + [GOOGLEBOT, ""]),
        "utm": st.sampled_from([Utm(), Utm(source="google"), Utm(source="mail", campaign="Spring")]),
        "ruling": rulings,
    }
)
batches = st.lists(clicks_but_for_names, max_size=25).map(
    lambda all_known: [click(f"c{number:03}", **known) for number, known in enumerate(all_known)]
)
randoms = st.randoms(use_true_random=False)


def humans(settled: list[SettledClick]) -> list[Click]:
    return [one.click for one in settled if one.ruling.verdict is Verdict.HUMAN]


def settle_in_batches(parts: list[list[Click]]) -> tuple[Known, list[Ledger]]:
    known = Known()
    return known, [settle(part, known) for part in parts]


def totals(ledgers: list[Ledger]) -> dict[tuple, tuple]:
    """Clicks, uniques and last click by counter, over all batches."""
    clicks, uniques, last = Counter(), Counter(), {}
    for ledger in ledgers:
        for tallies in (ledger.links, ledger.campaigns, ledger.variants):
            for key, tally in tallies.items():
                counter = (tallies is ledger.campaigns, key)
                clicks[counter] += tally.clicks
                uniques[counter] += tally.uniques
                last[counter] = max(last.get(counter, tally.last_click), tally.last_click)
    return {key: (clicks[key], uniques[key], last[key]) for key in clicks}


def cut(clicks: list[Click], random, ways: int) -> list[list[Click]]:
    """``clicks`` dealt out at random to ``ways`` batches."""
    parts: list[list[Click]] = [[] for _ in range(ways)]
    for one in clicks:
        random.choice(parts).append(one)
    return parts


@given(batches)
def test_every_click_is_settled_exactly_once_in_the_order_of_time(clicks):
    settled = [one.click for one in settle(clicks, Known()).clicks]
    assert sorted(one.name for one in settled) == sorted(one.name for one in clicks)
    assert all((early.at, early.name) < (late.at, late.name) for early, late in pairwise(settled))


@given(batches, randoms)
def test_counters_equal_the_number_of_human_clicks(clicks, random):
    _known, ledgers = settle_in_batches(cut(clicks, random, 3))
    counted = humans([one for ledger in ledgers for one in ledger.clicks])
    expected = Counter((False, one.link) for one in counted)
    expected += Counter((True, one.campaign) for one in counted if one.campaign)
    expected += Counter((False, (one.link, one.variant)) for one in counted if one.variant)
    assert {key: total[0] for key, total in totals(ledgers).items()} == expected


@given(batches, randoms)
def test_every_click_is_in_the_totals_of_its_day_under_its_verdict(clicks, random):
    _known, ledgers = settle_in_batches(cut(clicks, random, 3))
    counted = Counter()
    for day, tally in ((day, tally) for ledger in ledgers for day, tally in ledger.days.items()):
        for verdict, field in FIELDS.items():
            counted[day, verdict] += tally.numbers[field]
    settled = [one for ledger in ledgers for one in ledger.clicks]
    assert +counted == Counter((day_of(one.click), one.ruling.verdict) for one in settled)


@given(batches, randoms)
def test_daily_totals_add_up_to_the_counters(clicks, random):
    _known, ledgers = settle_in_batches(cut(clicks, random, 3))
    for ledger in ledgers:
        for link, tally in ledger.links.items():
            days = [of_day.numbers for day, of_day in ledger.days.items() if day.link == link]
            assert (sum(n["clicks"] for n in days), sum(n[UNIQUES] for n in days)) == (
                tally.clicks,
                tally.uniques,
            )
        for campaign, tally in ledger.campaigns.items():
            days = [of_day.numbers for day, of_day in ledger.days.items() if day.campaign == campaign]
            assert sum(n["clicks"] for n in days) == tally.clicks
            assert sum(n[CAMPAIGN_UNIQUES] for n in days) == tally.uniques


@given(batches, randoms)
def test_a_link_and_visitor_are_unique_once_whatever_the_batches(clicks, random):
    known, ledgers = settle_in_batches(cut(clicks, random, 3))
    settled = [one for ledger in ledgers for one in ledger.clicks]
    pairs = {(one.link, one.visitor_id) for one in humans(settled)}
    uniques = [(one.click.link, one.visitor_id) for one in settled if one.is_unique]
    assert sorted(uniques) == sorted(pairs)
    for link in "LM":
        assert sum(ledger.links[link].uniques for ledger in ledgers) == sum(one == link for one, _ in pairs)
    reached = [reach.pair for ledger in ledgers for reach in ledger.reaches]
    assert len(reached) == len(set(reached)) and set(reached) == known.reached


@given(batches, randoms)
def test_a_visitor_and_the_campaign_are_unique_once_whatever_the_batches(clicks, random):
    _known, ledgers = settle_in_batches(cut(clicks, random, 3))
    counted = humans([one for ledger in ledgers for one in ledger.clicks])
    pairs = {(one.campaign, one.visitor_id) for one in counted if one.campaign}
    for campaign in "CD":
        uniques = sum(ledger.campaigns[campaign].uniques for ledger in ledgers)
        assert uniques == sum(one == campaign for one, _ in pairs)


@given(batches, randoms)
def test_no_session_or_human_click_is_later_than_its_visitor_was_last_seen(clicks, random):
    """Sessions and clicks of visitors who were last seen earlier are not looked up."""
    known, _ledgers = settle_in_batches(cut(clicks, random, 3))
    for visitor_id, own in known.sessions.items():
        assert all(session.end <= known.visitors[visitor_id].last_seen for session in own.values())
    for (visitor_id, _link), times in known.human_clicks.items():
        assert not visitor_id or max(times) <= known.visitors[visitor_id].last_seen


@given(batches, st.integers(0, 25))
def test_two_batches_one_after_the_other_give_what_one_batch_gives(clicks, where):
    clicks.sort(key=lambda one: (one.at, one.name))
    known, (whole,) = settle_in_batches([clicks])
    known_in_two, parts = settle_in_batches([clicks[:where], clicks[where:]])
    assert totals(parts) == totals([whole])
    assert parts[0].clicks + parts[1].clicks == whole.clicks
    assert parts[0].reaches + parts[1].reaches == whole.reaches
    assert known_in_two == known


@given(batches, randoms)
def test_the_order_of_the_input_does_not_matter(clicks, random):
    told = random.sample(clicks, len(clicks))
    assert settle(told, Known()) == settle(clicks, Known())


@given(batches, randoms)
def test_only_humans_and_their_duplicates_leave_a_visitor(clicks, random):
    known, ledgers = settle_in_batches(cut(clicks, random, 2))
    settled = [one for ledger in ledgers for one in ledger.clicks]
    traced = [one for one in settled if one.ruling.verdict in (Verdict.HUMAN, Verdict.DUPLICATE)]
    assert set(known.visitors) == {one.click.visitor_id for one in traced}
    assert all(one.visitor_id and one.session for one in traced)
    assert not any(one.visitor_id or one.session or one.is_unique for one in settled if one not in traced)


@given(batches, randoms)
def test_visitors_and_sessions_count_the_same_clicks(clicks, random):
    known, ledgers = settle_in_batches(cut(clicks, random, 2))
    counted = Counter(one.visitor_id for ledger in ledgers for one in humans(ledger.clicks))
    for visitor_id, seen in known.visitors.items():
        sessions = known.sessions[visitor_id].values()
        assert seen.clicks == sum(session.clicks for session in sessions) == counted[visitor_id]
        assert seen.sessions == len(sessions)
        assert seen.first_seen == min(session.start for session in sessions)
        assert seen.last_seen == max(session.end for session in sessions)


@given(batches, randoms)
def test_no_two_human_clicks_of_a_visitor_on_a_link_are_within_10_seconds(clicks, random):
    known, _ledgers = settle_in_batches(cut(clicks, random, 2))
    for times in known.human_clicks.values():
        assert all((late - early).total_seconds() >= 10 for early, late in pairwise(sorted(times)))


@given(batches, randoms)
def test_every_click_lies_within_its_session(clicks, random):
    known, ledgers = settle_in_batches(cut(clicks, random, 2))
    for settled in (one for ledger in ledgers for one in ledger.clicks if one.session):
        session = known.sessions[settled.visitor_id][settled.session]
        assert session.start <= settled.click.at <= session.end
