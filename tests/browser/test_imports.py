"""Many links at once, as a campaign manager makes them: paste, preview, start, correct what failed."""

from __future__ import annotations

import csv
import io

import frappe

from tests.browser import helpers
from tests.site import factory


def new_import(page, text, import_format="CSV"):
    helpers.open_list(page, "Tracked Link")
    helpers.button(page, "Import").click()
    helpers.wait_for_form(page, "Link Import")
    helpers.choose(page, "import_format", import_format)
    page.evaluate("text => cur_frm.set_value('pasted_text', text)", text)
    helpers.save(page)


def test_from_a_pasted_table_to_links_with_preview_and_report(manager, errors, shot):
    taken, code = factory.make_link().short_code, factory.unique("spring")
    new_import(
        manager,
        f"destination_url,short_code,title,shelf\nhttps://example.com/a,{code},Spring sale,4\n"
        f"https://example.com/b,{taken},Summer,5\nwww.example.com/c,,Autumn,6\n",
    )
    helpers.button(manager, "Preview").click()
    manager.get_by_text("3 rows: 1 links can be created, 2 rows can't.").wait_for()
    manager.get_by_text("Columns that are not read: shelf").wait_for()
    manager.get_by_text(f"The short code {taken} is taken by another link").wait_for()
    shot(manager, "link-import-preview", full_page=True)

    helpers.button(manager, "Start Import").click()
    manager.get_by_text("3 of 3 rows: 1 links created, 2 rows failed").wait_for(timeout=60_000)
    manager.wait_for_function("cur_frm.doc.status === 'Completed with Failures'", timeout=60_000)
    helpers.settle(manager)
    # The sentence that the preview gave.
    manager.get_by_text(f"The short code {taken} is taken by another link").wait_for()
    shot(manager, "link-import-done")
    frappe.db.commit()
    assert frappe.db.exists("Tracked Link", {"short_code": code, "title": "Spring sale"})

    name, content = helpers.download(manager, "Download Failed Rows")
    assert name == f"{helpers.value(manager, 'name')}-failed.csv"
    text = content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert [line[0] for line in lines] == ["Line", "3", "4"]
    assert errors == []


def test_rows_of_an_import_are_a_click_away(manager, errors, shot):
    new_import(manager, "https://example.com/1\nnonsense\n", "List of URLs")
    helpers.button(manager, "Start Import").click()
    manager.wait_for_function("cur_frm.doc.status === 'Completed with Failures'", timeout=60_000)
    helpers.button(manager, "Show Rows").click()
    manager.wait_for_function(
        "window.cur_list && cur_list.doctype === 'Link Import Row' && cur_list.data.length === 2"
    )
    helpers.settle(manager)
    shot(manager, "link-import-rows")
    assert errors == []


def test_progress_is_shown_while_it_goes_on_and_an_import_can_be_stopped_and_resumed(manager, errors, shot):
    base = f"https://example.com/{factory.unique()}"
    new_import(manager, "\n".join(f"{base}/{n}" for n in range(800)), "List of URLs")
    name = helpers.value(manager, "name")
    helpers.button(manager, "Start Import").click()
    manager.wait_for_function(
        "(/^[1-9]\\d* of 800 rows/).test(cur_frm.get_field('progress_bar').$wrapper.text().trim())",
        timeout=60_000,
    )
    shot(manager, "link-import-progress")
    helpers.button(manager, "Stop").click()
    helpers.button(manager, "Resume").wait_for(timeout=30_000)
    assert 0 < frappe_value(name, "created_count") < 800
    helpers.button(manager, "Resume").click()
    manager.wait_for_function("cur_frm.doc.status === 'Completed'", timeout=120_000)
    assert frappe_value(name, "created_count") == 800
    assert frappe.db.count("Tracked Link", {"destination_url": ("like", f"{base}/%")}) == 800
    assert errors == []


def frappe_value(name, fieldname):
    frappe.db.commit()
    return frappe.db.get_value("Link Import", name, fieldname)
