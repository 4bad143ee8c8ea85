"""Whose visitors count for whom, and whose never do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.identities import (
    DEAL,
    LEAD,
    Deal,
    Lead,
    People,
    Rule,
    Tie,
    personal_address,
    ties_of_deal,
    ties_of_lead,
)  # fmt: skip

ADA, BEA, CY = "ada@acme.example", "bea@acme.example", "cy@acme.example"
ada = Lead("ada", ADA, ("v1",))
ada_again = Lead("ada again", " Ada@ACME.example ", ("v2",))
bea = Lead("bea", BEA, ("v3",))
stranger = Lead("stranger", "zoe@acme.example", ("v9",))
EVERYBODY = [ada, ada_again, bea, stranger]


def visitors(ties):
    return [tie.visitor_id for tie in ties]


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Ada@Acme.example", ADA),
        ("ada+news@acme.example", "ada+news@acme.example"),
        ("info@acme.example", ""),
        ("Sales@acme.example", ""),
        ("info+de@acme.example", ""),
        ("büro@acme.example", ""),
        ("informant@acme.example", "informant@acme.example"),
        ("", ""),
        (None, ""),
        ("no address", ""),
        ("@acme.example", ""),
        ("ada@", ""),
    ],
)
def test_a_mailbox_of_several_people_is_nobodys_address(typed, address):
    assert personal_address(typed) == address


def test_a_lead_has_its_own_visitor_and_those_of_leads_with_its_address():
    own, by_email = ties_of_lead(ada, EVERYBODY)
    assert (own.visitor_id, own.rule, own.email, own.lead) == ("v1", Rule.VISITOR_ID, "", "")
    assert (by_email.visitor_id, by_email.rule, by_email.email, by_email.lead) == (
        "v2", Rule.EMAIL, ADA, "ada again",
    )  # fmt: skip


@pytest.mark.parametrize("address", ["", "info@acme.example"])
def test_no_address_and_a_shared_one_tie_nobody(address):
    leads = [Lead("one", address, ("v1",)), Lead("two", address, ("v2",))]
    assert visitors(ties_of_lead(leads[0], leads)) == ["v1"]
    assert ties_of_deal(Deal("D", addresses=(address,)), leads) == []


def test_a_lead_typed_in_without_a_visitor_has_those_of_its_address():
    assert visitors(ties_of_lead(Lead("typed", ADA), EVERYBODY)) == ["v1", "v2"]


def test_a_deal_has_the_visitors_of_its_lead_and_its_contacts_and_no_colleagues():
    deal = Deal("D", lead=ada, visitors=("v1",), addresses=(BEA, ADA, CY))
    ties = {tie.visitor_id: tie for tie in ties_of_deal(deal, EVERYBODY)}

    assert sorted(ties) == ["v1", "v2", "v3"]
    assert (ties["v1"].doctype, ties["v1"].name) == (LEAD, "ada")
    assert (ties["v2"].doctype, ties["v2"].name) == (LEAD, "ada")
    assert (ties["v3"].doctype, ties["v3"].name, ties["v3"].lead) == (DEAL, "D", "bea")


def test_a_visitor_named_for_the_deal_counts_for_it():
    (tie,) = ties_of_deal(Deal("D", visitors=("v7",)), EVERYBODY)
    assert tie.pair == ("v7", DEAL, "D") and tie.rule is Rule.VISITOR_ID


def test_what_was_undone_for_a_lead_stays_undone_for_its_deal():
    """Neither the deal's copy of the visitor nor a contact with the lead's address brings it back."""
    deal = Deal("D", lead=ada, visitors=("v1",), addresses=(ADA, BEA))
    assert visitors(ties_of_deal(deal, EVERYBODY, {("v1", LEAD, "ada")})) == ["v2", "v3"]
    assert visitors(ties_of_deal(deal, EVERYBODY, {("v2", LEAD, "ada")})) == ["v1", "v3"]


def test_a_visitor_that_is_no_longer_a_leads_own_is_nobodys_by_its_address():
    undone = {("v2", LEAD, "ada again")}
    assert visitors(ties_of_lead(ada, EVERYBODY, undone)) == ["v1"]
    assert visitors(ties_of_deal(Deal("D", addresses=(ADA,)), EVERYBODY, undone)) == ["v1"]


def test_undone_for_the_deal_alone_leaves_the_lead_as_it_is():
    deal, undone = Deal("D", addresses=(BEA, ADA)), {("v3", DEAL, "D")}
    assert visitors(ties_of_deal(deal, EVERYBODY, undone)) == ["v1", "v2"]
    assert visitors(ties_of_lead(bea, EVERYBODY, undone)) == ["v3"]


addresses = st.sampled_from([ADA, BEA, CY, "info@acme.example", "", ADA.upper()])
ids = st.sampled_from(["v1", "v2", "v3", "v4", "v5"])
leads = st.lists(
    st.builds(Lead, st.sampled_from("ABCDEF"), addresses, st.lists(ids, max_size=2, unique=True).map(tuple)),
    unique_by=lambda lead: lead.name,
    min_size=1,
)
undoings = st.sets(st.tuples(ids, st.just(LEAD), st.sampled_from("ABCDEF"))) | st.sets(
    st.tuples(ids, st.just(DEAL), st.just("D"))
)


@given(leads, st.booleans(), st.lists(addresses), st.lists(ids), undoings, st.randoms(use_true_random=False))
def test_each_visitor_once_whatever_the_order_and_never_an_undone_one(
    known, has_lead, typed, named, undone, random
):
    deal = Deal("D", known[0] if has_lead else None, tuple(named), tuple(typed))
    ties = ties_of_deal(deal, known, undone)

    assert ties == ties_of_deal(deal, random.sample(known, len(known)), undone)
    assert len(set(visitors(ties))) == len(ties)
    assert not {tie.pair for tie in ties} & undone
    personal = {personal_address(address) for address in [*typed, known[0].email if has_lead else ""]} - {""}
    for tie in ties:
        assert tie.rule is not Rule.EMAIL or tie.email in personal


@given(leads, st.lists(addresses), undoings)
def test_undoing_takes_visitors_away_and_brings_none(known, typed, undone):
    deal = Deal("D", known[0], addresses=tuple(typed))
    assert set(visitors(ties_of_deal(deal, known, undone))) <= set(visitors(ties_of_deal(deal, known)))


# ---------------------------------------------------------------- organizations


def test_who_belongs_to_the_organization_counts_after_the_deals_own_people():
    deal = Deal("D", lead=ada, addresses=(BEA,), colleagues=People(frozenset({"stranger"}), frozenset({BEA})))
    ties = {tie.visitor_id: tie for tie in ties_of_deal(deal, EVERYBODY)}

    assert sorted(ties) == ["v1", "v2", "v3", "v9"]
    assert ties["v3"].rule is Rule.EMAIL, "nearer than the organization"
    assert ties["v9"] == Tie("v9", DEAL, "D", Rule.ORGANIZATION, "zoe@acme.example", "stranger")


def test_a_shared_mailbox_is_nobodys_at_an_organization_either():
    leads = [Lead("one", "info@acme.example", ("v1",))]
    colleagues = People(addresses=frozenset({"info@acme.example"}))
    assert ties_of_deal(Deal("D", colleagues=colleagues), leads) == []


def test_the_organization_brings_nobody_back_who_was_undone():
    colleagues = People(frozenset({"ada", "ada again", "bea"}), frozenset({ADA, BEA}))
    deal = Deal("D", lead=ada, colleagues=colleagues)

    for undone in [("v1", LEAD, "ada"), ("v2", LEAD, "ada"), ("v3", LEAD, "bea"), ("v3", DEAL, "D")]:
        left = {"v1", "v2", "v3"} - {undone[0]}
        assert set(visitors(ties_of_deal(deal, EVERYBODY, {undone}))) == left


@given(
    leads, st.lists(addresses), st.frozensets(st.sampled_from("ABCDEF")), st.frozensets(addresses), undoings
)
def test_an_organization_only_adds(known, typed, belonging, colleague_addresses, undone):
    alone = Deal("D", known[0], addresses=tuple(typed))
    together = replace(alone, colleagues=People(belonging, colleague_addresses))

    ties = ties_of_deal(together, known, undone)
    assert [tie for tie in ties if tie.rule is not Rule.ORGANIZATION] == ties_of_deal(alone, known, undone)
    assert not {tie.pair for tie in ties} & undone
    assert len(set(visitors(ties))) == len(ties)
