"""The steps of an import, as Desk and the site's workers take them."""

from __future__ import annotations

import frappe

from tests import harness
from tests.site.factory import unique
from trackflow.api import imports


def make_import(text="", **fields):
    values = {"import_format": "CSV", "pasted_text": text} | fields
    doc = frappe.get_doc(doctype="Link Import", **values).insert()
    frappe.db.commit()
    return doc


def attach(content, name="links.csv"):
    file = frappe.get_doc(
        doctype="File", file_name=f"{unique()}-{name}", content=content, is_private=1
    ).insert()
    frappe.db.commit()
    return file


def started(doc):
    imports.start(doc.name)
    frappe.db.commit()
    return doc


def state_of(doc):
    return frappe._dict(imports.state(doc.name))


def finished(doc, timeout=60):
    """The state of an import, started by the site's own worker, once it has ended."""
    state = started(doc) and harness.wait_until(
        lambda: None if state_of(doc).status in ("Queued", "Running") else state_of(doc), timeout
    )
    assert state.status != "Failed", state.message
    return state


def rows_of(doc):
    frappe.db.commit()
    return frappe.get_all("Link Import Row", {"link_import": doc.name}, ["*"], order_by="line asc", limit=0)


def links_of(doc):
    return [frappe.get_doc("Tracked Link", row.tracked_link) for row in rows_of(doc) if row.tracked_link]
