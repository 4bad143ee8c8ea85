"""Desk as the bench builds it: all bundles load and client scripts find `frappe`."""

from __future__ import annotations


def test_desk_opens_without_complaints(desk, shot, console_errors):
    desk.wait_for_selector(".standard-sidebar-item, .sidebar-item-container")
    shot(desk, "desk")
    assert console_errors == []


def test_a_form_can_be_filled_in_and_saved(desk, console_errors):
    desk.goto("/app/note/new")
    desk.fill("[data-fieldname=title] input", "Written in a browser")
    desk.keyboard.press("Control+S")
    desk.wait_for_function("!cur_frm.is_new() && !cur_frm.is_dirty()")
    name = desk.evaluate("cur_frm.docname")
    deleted = "name => frappe.db.delete_doc('Note', name).then(() => frappe.db.exists('Note', name))"
    assert desk.evaluate(deleted, name) is False
    assert console_errors == []


def test_web_pages_have_frappe(page, console_errors):
    page.goto("/login")
    page.wait_for_function("window.frappe && typeof frappe.call === 'function'")
    assert console_errors == []
