"""Each DocType opens in Desk: its list, its form for a new record, and a record as it was written."""

from __future__ import annotations

import frappe
import pytest

from tests import harness
from tests.browser import helpers
from tests.site import factory, samples

LISTED = (
    frappe.get_all(
        "DocType", {"module": "TrackFlow", "istable": 0, "issingle": 0}, pluck="name", order_by="name asc"
    )
    if harness.SITE
    else []
)


@pytest.fixture(scope="module")
def office(browser):
    """One page of Desk for all of these, which are many, and what it complains about."""
    with factory.short_domain(headers=[{"header_name": "X-Robots-Tag", "header_value": "noindex"}]):
        samples.insert_all()
        with helpers.desk_of(browser, helpers.make_user("sam.system@example.com", "System Manager")) as desk:
            yield desk


def test_all_doctypes_are_known():
    assert len(LISTED) >= 20


@pytest.mark.parametrize("doctype", LISTED)
def test_new_form_opens(manager, errors, doctype):
    helpers.open_new(manager, doctype)
    assert manager.evaluate("cur_frm.is_new()")
    assert errors == []


@pytest.mark.parametrize("doctype", LISTED)
def test_list_opens_and_filters(manager, errors, doctype):
    helpers.open_list(manager, doctype)
    manager.wait_for_function("cur_list.data !== undefined")
    for df in frappe.get_meta(doctype).fields:
        if not df.in_standard_filter:
            continue
        condition = ["=", 1] if df.fieldtype == "Check" else ["is", "set"]
        manager.evaluate(
            """async filter => {
                await cur_list.filter_area.clear();
                await cur_list.filter_area.add([filter]);
            }""",
            [doctype, df.fieldname, *condition],
        )
        helpers.settle(manager)
    manager.evaluate("() => cur_list.filter_area.clear()")
    helpers.settle(manager)
    assert errors == []


@pytest.mark.parametrize("doctype", LISTED)
def test_record_opens_unchanged_and_can_be_saved(manager, errors, doctype):
    name = frappe.db.get_value(doctype, {}, "name", order_by="creation desc")
    if not name:
        pytest.skip("Only written where Frappe CRM is installed.")
    helpers.open_form(manager, doctype, name)
    assert not manager.evaluate("cur_frm.is_dirty()")
    manager.evaluate("() => cur_frm.dirty()")
    helpers.save(manager)
    assert errors == []


def test_settings_open_and_save(manager, errors):
    helpers.open_form(manager, "TrackFlow Settings")
    days = helpers.value(manager, "attribution_window_days")
    helpers.fill(manager, "attribution_window_days", str(days + 1))
    helpers.save(manager)
    helpers.fill(manager, "attribution_window_days", str(days))
    helpers.save(manager)
    assert helpers.value(manager, "attribution_window_days") == days
    assert errors == []
