"""The same change to many links or campaigns, told row by row."""

from __future__ import annotations

import frappe
import pytest
from frappe.utils import add_days, getdate

from tests.site import crm_factory as crm
from tests.site import factory
from tests.site.factory import make_campaign, make_link
from trackflow.api import bulk, campaigns


def status(doc) -> str:
    return frappe.db.get_value(doc.doctype, doc.name, "status")


def broken_link():
    """A link that can't be saved, because what it leads to is not allowed any more."""
    link = make_link()
    frappe.db.set_value("Tracked Link", link.name, "destination_url", "javascript:alert(1)")
    frappe.db.commit()
    return link


def test_each_link_stands_on_its_own(site, http):
    good, paused, broken = make_link(), make_link(status="Paused"), broken_link()
    names = [good.name, paused.name, broken.name, "no-such-link"]
    result = bulk.set_link_status(frappe.as_json(names), "Paused")
    frappe.db.commit()
    assert (result["changed"], result["unchanged"]) == (1, 1)
    failed = {row["name"]: row for row in result["failed"]}
    assert set(failed) == {broken.name, "no-such-link"}
    assert failed[broken.name]["title"] == broken.title
    assert all(row["reason"] and "<" not in row["reason"] for row in result["failed"])
    assert [status(link) for link in (good, paused, broken)] == ["Paused", "Paused", "Active"]
    # No box of its own pops up for what is told in its row.
    assert frappe.local.message_log == []
    assert factory.click(good, http).status_code == 410


def test_links_are_archived_and_run_again(site, http):
    link = make_link()
    for wanted, answer in (("Archived", 410), ("Active", 302)):
        assert bulk.set_link_status([link.name], wanted)["changed"] == 1
        frappe.db.commit()
        assert factory.click(link, http).status_code == answer


def test_links_move_to_a_campaign_and_out_of_it(site, http):
    one, other = make_campaign(source="a"), make_campaign(source=factory.unique("b"))
    link = make_link(campaign=one.name)
    assert bulk.move_links([link.name], other.name)["changed"] == 1
    frappe.db.commit()
    assert f"utm_source={other.source}" in factory.click(link, http).headers["Location"]
    assert bulk.move_links([link.name])["changed"] == 1
    assert frappe.db.get_value("Tracked Link", link.name, "campaign") is None


def test_campaigns_are_closed_paused_and_reopened(site):
    running, over = make_campaign(), make_campaign(end_date=add_days(getdate(), -2))
    for wanted in ("Completed", "Paused", "Active"):
        assert bulk.set_campaign_status([running.name], wanted)["changed"] == 1
        assert status(running) == wanted
    result = bulk.set_campaign_status([over.name], "Active")
    assert [row["reason"] for row in result["failed"]] == ["Its dates make it Completed."]
    assert status(over) == "Completed"


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: bulk.set_link_status(["x"], "Draft"), "nothing else"),
        (lambda: bulk.set_link_status("[]", "Paused"), "list of names"),
        (lambda: bulk.set_link_status([["name"]], "Paused"), "list of names"),
        (lambda: bulk.set_link_status([str(n) for n in range(501)], "Paused"), "at most"),
        (lambda: bulk.move_links(["x"], "no-such-campaign"), "not found"),
    ],
)
def test_what_cannot_be_is_refused_as_a_whole(site, call, sentence):
    with pytest.raises(frappe.ValidationError, match=sentence):
        call()


def test_who_may_only_read_changes_nothing(site):
    link = make_link()
    frappe.share.add("Tracked Link", link.name, reader := crm.a_user("Sales User"))
    frappe.set_user(reader)
    result = bulk.set_link_status([link.name], "Paused")
    assert result["changed"] == 0 and len(result["failed"]) == 1
    assert status(link) == "Active"


def test_codes_of_chosen_links_are_printed(site):
    from trackflow.qr import codes

    links = [make_link(), make_link(status="Paused")]
    assert codes.sheet_of_links([link.name for link in links], "A4", 1).count(b"/Type /Page\n") == 2
    with pytest.raises(frappe.ValidationError, match="no links to print"):
        codes.sheet_of_links(["no-such-link"], "A4", 12)


# ---------------------------------------------------------------- calendar


def day(offset: int):
    return add_days(getdate(), offset)


def bars(first: int, last: int, *names: str) -> dict[str, tuple]:
    found = campaigns.calendar(str(day(first)), f"{day(last)} 00:00:00", [["name", "in", list(names)]])
    return {bar["name"]: (bar["start_date"], bar["end_date"]) for bar in found}


def test_campaigns_are_drawn_on_their_days(site):
    both = make_campaign(start_date=day(-3), end_date=day(4))
    open_end = make_campaign(start_date=day(-20))
    by_hand = make_campaign(start_date=day(-2), status="Completed")
    only_end = make_campaign(end_date=day(1))
    no_dates = make_campaign()
    long_ago = make_campaign(start_date=day(-90), end_date=day(-60))
    made = [both, open_end, by_hand, only_end, no_dates, long_ago]
    assert bars(-10, 10, *(campaign.name for campaign in made)) == {
        both.name: (day(-3), day(4)),
        open_end.name: (day(-20), day(10)),
        by_hand.name: (day(-2), day(-2)),
        only_end.name: (day(1), day(1)),
    }


def test_moving_a_campaign_keeps_its_length(site):
    both, open_end = make_campaign(start_date=day(-3), end_date=day(4)), make_campaign(start_date=day(-3))
    for campaign in (both, open_end):
        campaigns.move(campaign.name, "5")
    dates = [
        frappe.db.get_value("Link Campaign", campaign.name, ["start_date", "end_date"])
        for campaign in (both, open_end)
    ]
    assert dates == [(day(2), day(9)), (day(2), None)]
    # It has not begun now.
    assert status(both) == "Draft"


def test_a_campaign_cannot_end_before_it_starts(site):
    campaign = make_campaign(start_date=day(0), end_date=day(4))
    campaigns.end_on(campaign.name, str(day(2)))
    assert frappe.db.get_value("Link Campaign", campaign.name, "end_date") == day(2)
    with pytest.raises(frappe.ValidationError, match="ends before it starts"):
        campaigns.end_on(campaign.name, str(day(-1)))


def test_the_calendar_is_for_those_who_may_read_campaigns(site):
    campaign = make_campaign(start_date=day(0))
    frappe.set_user(crm.a_user("Sales User"))
    with pytest.raises(frappe.PermissionError):
        campaigns.calendar(str(day(-1)), str(day(1)))
    with pytest.raises(frappe.PermissionError):
        campaigns.move(campaign.name, 1)


# ---------------------------------------------------------------- board


def test_the_board_has_a_column_for_each_status(site):
    board = frappe.get_doc("Kanban Board", "Campaigns by Status")
    options = frappe.get_meta("Link Campaign").get_options("status").split("\n")
    assert [column.column_name for column in board.columns] == options
    assert (board.reference_doctype, board.field_name, board.private) == ("Link Campaign", "status", 0)
