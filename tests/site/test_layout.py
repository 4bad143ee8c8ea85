"""What reports and charts are made of, where the words of some languages are longer than English ones."""

from __future__ import annotations

from datetime import date

import frappe
import pytest

from trackflow.analytics import layout
from trackflow.analytics.charts import short_day


@pytest.fixture
def read_in(site):
    """Sets the reader's language."""
    before = frappe.local.lang

    def choose(language: str) -> None:
        frappe.local.lang = language

    yield choose
    frappe.local.lang = before


def test_a_column_is_as_wide_as_its_label_needs(site):
    assert layout.column("deals", "Deals", "Int", 90)["width"] == 90
    assert layout.column("deals", "Gewonnener Wert je Besucher", "Int", 90)["width"] >= 27 * 8
    assert layout.rate("rate", "Gewonnener Wert je Besucher", 90)["width"] >= 27 * 8


@pytest.mark.parametrize(
    ("language", "text"), [("en", "Nov 25"), ("de", "25. Nov"), ("fr", "25 nov"), ("zz", "11-25")]
)
def test_a_day_below_a_chart_is_short_in_any_language(read_in, language, text):
    read_in(language)
    assert short_day(date(2026, 11, 25)) == text
