"""The demo story on a site where it was told before TrackFlow was uninstalled and came again."""

from __future__ import annotations

import dataclasses

import frappe
import pytest

from dev.story import chapters, plot, sales, weeks
from dev.story.plot import Employee
from dev.story.site_client import Site
from tests import harness
from tests.site import crm_factory as crm

pytestmark = [
    pytest.mark.skipif(not harness.bench(), reason="The demo story is told on the local bench."),
    crm.needs_crm,
]


@pytest.fixture(scope="module")
def admin() -> Site:
    return Site(harness.URL, "Administrator", harness.password())


def test_people_who_were_hired_before_get_their_role_back_and_keep_their_others(admin: Site) -> None:
    maya = Employee("Maya", "Lindqvist", crm.email(), "Campaign Manager")
    chapters.ensure_user(admin, maya)
    chapters.ensure_user(admin, dataclasses.replace(maya, role="Sales User"))
    frappe.db.delete("Has Role", {"parent": maya.email, "role": maya.role})
    frappe.db.commit()
    frappe.clear_cache(user=maya.email)
    chapters.ensure_user(admin, maya)
    frappe.db.commit()
    # The first user of a site that has no manager yet is made one by Frappe.
    roles = set(frappe.get_all("Has Role", {"parent": maya.email}, pluck="role"))
    assert roles - {"System Manager"} == {maya.role, "Sales User"}


def test_a_lead_that_lost_its_visitor_is_not_taken_for_the_storys(
    admin: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = {**plot.WEB_LEAD, "email": crm.email()}
    monkeypatch.setattr(plot, "WEB_LEAD", person)
    frappe.get_doc(doctype="CRM Lead", **person).insert()
    frappe.db.commit()
    assert sales.find_web_lead(admin) is None
    _campaign, link = crm.campaign_link()
    new = crm.insert_lead(crm.visited(link), email=person["email"])
    assert sales.find_web_lead(admin)["name"] == new.name


def test_the_weeks_before_are_written_as_the_app_writes_clicks() -> None:
    from trackflow import click_queue

    assert weeks.COLUMNS == click_queue.COLUMNS
