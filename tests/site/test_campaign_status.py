"""A campaign's status follows its dates; its links pause and go on with it, if asked."""

from __future__ import annotations

import frappe
import pytest
from frappe.utils import add_days, today

from tests.site import factory
from tests.site.factory import change, click, make_campaign, make_link
from trackflow import campaigns

GONE = 410


def status(doc):
    frappe.db.commit()
    return frappe.db.get_value(doc.doctype, doc.name, "status")


def dated(start=None, end=None, **fields):
    """A campaign with dates so many days from today."""
    days = {"start_date": start, "end_date": end}
    dates = {name: add_days(today(), number) for name, number in days.items() if number is not None}
    return make_campaign(**dates, **fields)


def let_time_pass(campaign, **days):
    """Put dates into the past behind the app's back, as the passing of time does."""
    values = {name: add_days(today(), number) for name, number in days.items()}
    frappe.db.set_value("Link Campaign", campaign.name, values)
    frappe.db.commit()
    campaigns.follow_dates()


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(None, None, "Active"), (1, None, "Draft"), (-1, 0, "Active"), (0, 0, "Active"), (-2, -1, "Completed")],
)
def test_a_saved_campaign_stands_where_its_dates_say(start, end, expected):
    assert status(dated(start, end)) == expected


def test_campaigns_begin_and_end_by_themselves(site):
    campaign = dated(1, 5)
    let_time_pass(campaign, start_date=0)
    assert status(campaign) == "Active"
    let_time_pass(campaign, start_date=-9, end_date=-1)
    assert status(campaign) == "Completed"


def test_a_paused_campaign_stays_paused(site):
    campaign = dated(-2, 2, status="Paused")
    let_time_pass(campaign, end_date=-1)
    assert status(campaign) == "Paused"


def test_a_campaign_that_was_closed_early_stays_closed_until_its_dates_change(site):
    campaign = dated(-2, 2)
    change(campaign, status="Completed")
    campaigns.follow_dates()
    assert status(campaign) == "Completed"
    change(campaign, end_date=add_days(today(), 9))
    assert status(campaign) == "Active"


def test_a_status_against_the_dates_is_explained(site):
    campaign = dated(-9, -1)
    change(campaign, status="Active")
    assert status(campaign) == "Completed"
    assert "make it Completed, not Active" in str(frappe.message_log)


def test_one_campaign_that_cannot_be_saved_does_not_hold_up_the_others(site):
    broken, good = (
        dated(1, 5, campaign_name=factory.unique("A")),
        dated(1, 5, campaign_name=factory.unique("B")),
    )
    frappe.db.set_value(
        "Link Campaign", broken.name, {"owner_user": "nobody@example.com", "start_date": today()}
    )
    let_time_pass(good, start_date=0)
    assert (status(broken), status(good)) == ("Draft", "Active")
    frappe.db.set_value("Link Campaign", broken.name, {"owner_user": None, "status": "Paused"})
    frappe.db.commit()


def test_the_hourly_job_is_there(site):
    assert frappe.db.exists(
        "Scheduled Job Type", {"method": "trackflow.campaigns.follow_dates", "stopped": 0}
    )


def test_whoever_makes_a_campaign_answers_for_it(site):
    assert make_campaign().owner_user == "Administrator"
    assert make_campaign(owner_user="Guest").owner_user == "Guest"


def test_the_expected_revenue_follows_budget_and_expected_roi(site):
    campaign = make_campaign(budget=1000, expected_roi=250, expected_revenue=7)
    assert campaign.expected_revenue == 3500
    change(campaign, budget=0)
    assert frappe.db.get_value("Link Campaign", campaign.name, "expected_revenue") == 0


# ---------------------------------------------------------------- links


def test_links_go_on_working_after_the_end_unless_asked(site):
    campaign = make_campaign()
    link = make_link(campaign=campaign.name)
    change(campaign, status="Completed")
    assert click(link).status_code == 302


def test_closing_pauses_the_links_and_reopening_resumes_exactly_those(site):
    campaign = make_campaign(pause_links_when_closed=1)
    running, paused, archived = (
        make_link(campaign=campaign.name, status=s) for s in ("Active", "Paused", "Archived")
    )
    change(campaign, status="Completed")
    assert [status(link) for link in (running, paused, archived)] == ["Paused", "Paused", "Archived"]
    assert click(running).status_code == GONE
    change(campaign, status="Active")
    assert [status(link) for link in (running, paused, archived)] == ["Active", "Paused", "Archived"]
    assert click(running).status_code == 302


def test_the_calendar_closes_links_too(site):
    campaign = dated(-5, 5, pause_links_when_closed=1)
    link = make_link(campaign=campaign.name)
    let_time_pass(campaign, end_date=-1)
    assert click(link).status_code == GONE


def test_links_that_somebody_has_taken_in_hand_are_left_alone(site):
    campaign = make_campaign(pause_links_when_closed=1)
    resumed, archived, moved = (make_link(campaign=campaign.name) for _ in range(3))
    change(campaign, status="Completed")
    change(resumed, status="Active")
    change(resumed, status="Paused")
    change(archived, status="Archived")
    change(moved, campaign=make_campaign().name)
    change(campaign, status="Active")
    assert [status(link) for link in (resumed, archived, moved)] == ["Paused", "Archived", "Paused"]


def test_a_link_that_is_edited_while_its_campaign_is_closed_still_resumes(site):
    campaign = make_campaign(pause_links_when_closed=1)
    link = make_link(campaign=campaign.name)
    change(campaign, status="Completed")
    change(link, title="Another title")
    change(campaign, status="Active")
    assert status(link) == "Active"


def test_asking_later_works_as_well_and_so_does_taking_it_back(site):
    campaign = make_campaign(status="Completed")
    link = make_link(campaign=campaign.name)
    change(campaign, pause_links_when_closed=1)
    assert status(link) == "Paused"
    change(campaign, pause_links_when_closed=0)
    assert status(link) == "Active"


def test_nobody_can_claim_that_a_campaign_has_paused_a_link(site):
    campaign = make_campaign(pause_links_when_closed=1)
    link = make_link(campaign=campaign.name, status="Paused", paused_by_campaign=1)
    change(link, paused_by_campaign=1)
    change(campaign, status="Completed")
    change(campaign, status="Active")
    assert status(link) == "Paused"
