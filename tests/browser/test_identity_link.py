"""A manager sees in Desk who was put together with whom, and separates them."""

from __future__ import annotations

import frappe

from tests.browser import helpers
from tests.site import crm_factory, factory

pytestmark = crm_factory.needs_crm


def test_a_manager_undoes_a_link_and_links_again(new_page, shot, console_errors):
    _campaign, link = crm_factory.campaign_link()
    address = crm_factory.email()
    crm_factory.insert_lead(crm_factory.visited(link), email=address)
    lead = crm_factory.insert_lead(crm_factory.visited(link), email=address)
    (row,) = crm_factory.rows("Identity Link", crm_lead=lead.name, rule="Email")
    user = helpers.make_user("tina.manager@example.com", "TrackFlow Manager", "Sales Manager")
    desk = helpers.log_in(new_page(), user, helpers.PASSWORD)

    helpers.open_list(desk, "Identity Link", crm_lead=lead.name)
    desk.get_by_text("Linked", exact=True).locator("visible=true").first.wait_for()
    shot(desk, "identity-links")
    helpers.open_form(desk, "Identity Link", row.name)
    helpers.button(desk, "Undo").click()
    dialog = helpers.dialog(desk)
    dialog.get_by_text("no longer count").wait_for()
    dialog.locator("[data-fieldname=reason] textarea").fill("Father and son")
    shot(desk, "identity-link-undo")
    dialog.get_by_role("button", name="Undo").click()
    desk.wait_for_function("cur_frm.doc.status === 'Undone'")
    helpers.button(desk, "Link Again").wait_for()
    shot(desk, "identity-link-undone", full_page=True)
    crm_factory.finish_jobs()
    assert crm_factory.fresh(lead).trackflow_touch_count == 1

    helpers.button(desk, "Link Again").click()
    helpers.dialog(desk).get_by_role("button", name="Yes").click()
    desk.wait_for_function("cur_frm.doc.status === 'Linked'")
    crm_factory.finish_jobs()
    assert crm_factory.fresh(lead).trackflow_touch_count == 2

    helpers.open_form(desk, "CRM Lead", lead.name)
    desk.locator(".form-links [data-doctype='Identity Link']").first.wait_for(state="attached")
    shot(desk, "lead-connections", full_page=True)
    frappe.db.commit()
    assert console_errors == []


def test_a_visitor_shows_its_links(new_page, shot, console_errors):
    _campaign, link = crm_factory.campaign_link()
    visitor = crm_factory.visited(link)
    crm_factory.insert_lead(visitor)
    factory.drain()
    desk = helpers.log_in(new_page())

    helpers.open_form(desk, "Visitor", visitor)
    desk.locator(".form-links [data-doctype='Identity Link']").first.wait_for(state="attached")
    shot(desk, "visitor-connections", full_page=True)
    assert console_errors == []
