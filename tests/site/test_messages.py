"""The sentences for what is refused, in the reader's language."""

from __future__ import annotations

import frappe
import pytest

from tests.site.factory import unique
from trackflow import messages
from trackflow.domain.errors import Refused


@pytest.fixture
def german(site):
    """The reader's language, in which one sentence has been translated on the site."""
    source = messages.explain(Refused("code_reserved", code="{code}"))
    values = {"language": "de", "source_text": source, "translated_text": "Der Code {code} ist vergeben."}
    translation = frappe.get_doc(doctype="Translation", **values).insert()
    before, frappe.local.lang = frappe.local.lang, "de"
    yield
    frappe.local.lang = before
    translation.delete()
    frappe.db.commit()


def test_a_refusal_is_explained_in_the_readers_language(german):
    code = unique("x")
    assert messages.explain(Refused("code_reserved", code=code)) == f"Der Code {code} ist vergeben."


def test_a_sentence_without_a_translation_stays_as_it_is(german):
    assert messages.explain(Refused("import_empty")).startswith("There are no rows.")
