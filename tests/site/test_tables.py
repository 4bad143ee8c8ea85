"""The indexes and unique constraints that the product's data model asks for."""

from __future__ import annotations

import frappe
import pytest

INDEXES = [
    ("Click Event", ["visitor_id", "click_timestamp"]),
    ("Click Event", ["tracked_link"]),
    ("Click Event", ["campaign", "click_timestamp"]),
    ("Visitor Session", ["visitor_id", "session_start"]),
    ("Visitor Event", ["visitor", "timestamp"]),
    ("Conversion", ["visitor", "conversion_date"]),
    ("Deal Attribution", ["deal_id"]),
    ("API Request Log", ["api_key", "request_time"]),
    ("Tracked Link", ["campaign"]),
    ("Visitor", ["crm_lead"]),
    ("Identity Link", ["visitor"]),
    ("Identity Link", ["crm_lead", "status"]),
    ("Identity Link", ["crm_deal", "status"]),
]
UNIQUE = [
    ("Tracked Link", ["short_code"]),
    ("Link Campaign", ["campaign_name"]),
    ("Link Campaign", ["campaign_id"]),
    ("Visitor", ["visitor_id"]),
    ("Campaign Link Variant", ["tracked_link", "variant_name"]),
    ("Visitor Reach", ["visitor_id", "reference_doctype", "reference_name"]),
]


def indexes(doctype, unique_only=False):
    """The columns of each index of a table, in order."""
    columns = {}
    for row in frappe.db.sql(f"SHOW INDEX FROM `tab{doctype}`", as_dict=True):
        if not (unique_only and row.Non_unique):
            columns.setdefault(row.Key_name, {})[row.Seq_in_index] = row.Column_name
    return [[column for _, column in sorted(of.items())] for of in columns.values()]


@pytest.mark.parametrize(("doctype", "columns"), INDEXES, ids=str)
def test_the_index_exists(doctype, columns):
    assert any(index[: len(columns)] == columns for index in indexes(doctype))


@pytest.mark.parametrize(("doctype", "columns"), UNIQUE, ids=str)
def test_the_database_keeps_it_unique(doctype, columns):
    assert columns in indexes(doctype, unique_only=True)


def test_waiting_clicks_are_found_by_an_index():
    assert any(index[0] == "status" for index in indexes("Click Queue"))


@pytest.mark.parametrize("doctype", sorted({doctype for doctype, _ in INDEXES + UNIQUE}))
def test_no_index_is_there_twice(doctype):
    found = indexes(doctype)
    assert len(found) == len({tuple(index) for index in found})
