"""The sentences for what is refused, in the reader's language."""

from __future__ import annotations

import frappe
import pytest

from tests.site.factory import unique
from trackflow import messages
from trackflow.domain.errors import Refused


@pytest.fixture
def danish(site):
    """The reader's language, which TrackFlow does not speak, and in which one sentence has been translated on the site."""
    source = messages.explain(Refused("code_reserved", code="{code}"))
    values = {"language": "da", "source_text": source, "translated_text": "Koden {code} er optaget."}
    translation = frappe.get_doc(doctype="Translation", **values).insert()
    before, frappe.local.lang = frappe.local.lang, "da"
    yield
    frappe.local.lang = before
    translation.delete()
    frappe.db.commit()


def test_a_refusal_is_explained_in_the_readers_language(danish):
    code = unique("x")
    assert messages.explain(Refused("code_reserved", code=code)) == f"Koden {code} er optaget."


def test_a_sentence_without_a_translation_stays_as_it_is(danish):
    assert messages.explain(Refused("import_empty")).startswith("There are no rows.")
