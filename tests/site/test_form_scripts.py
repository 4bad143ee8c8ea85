"""TrackFlow's scripts for Frappe CRM's pages: kept up to date, and left alone where an administrator edited them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import frappe
import pytest

from tests.site import crm_factory as crm
from trackflow.setup import form_scripts
from trackflow.setup.custom_fields import COMMENT_BY

pytestmark = crm.needs_crm
NAME = "TrackFlow Deal"
SHIPPED_BEFORE = """function setupForm({ doc }) {
	if (!doc.trackflow_visitor_id) return {}
	return {
		actions: [
			{
				label: "Show Visitor in TrackFlow",
				onClick: () => window.open("/app/visitor/" + doc.trackflow_visitor_id, "_blank"),
			},
		],
	}
}
"""


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    yield
    frappe.db.rollback()


def stored() -> Any:
    return frappe.get_doc("CRM Form Script", NAME)


def change(**values: Any) -> None:
    frappe.db.set_value("CRM Form Script", NAME, values)


def comments() -> list[str]:
    told = {"reference_doctype": "CRM Form Script", "reference_name": NAME, "comment_by": COMMENT_BY}
    return frappe.get_all("Comment", told, pluck="content")


def test_the_script_is_there_for_leads_and_deals_and_running_again_changes_nothing() -> None:
    form_scripts.create()
    for name, doctype in (("TrackFlow Lead", "CRM Lead"), (NAME, "CRM Deal")):
        script = frappe.get_doc("CRM Form Script", name)
        assert (script.dt, script.view, script.enabled) == (doctype, "Form", 1)
        assert script.script == form_scripts.FILE.read_text()
    before = stored().modified
    form_scripts.create()
    assert stored().modified == before
    assert comments() == []


def test_one_that_was_shipped_before_becomes_the_present_one_and_stays_switched_off() -> None:
    # An editor in the browser may have saved it with other ends of lines.
    change(script=SHIPPED_BEFORE.replace("\n", "\r\n").strip(), enabled=0)
    form_scripts.create()
    assert stored().script == form_scripts.FILE.read_text()
    assert stored().enabled == 0
    assert comments() == []


@pytest.mark.parametrize(
    "edited",
    [
        {"script": SHIPPED_BEFORE + "// with something of ours"},
        {"script": ""},
        {"script": SHIPPED_BEFORE, "is_standard": 1},
    ],
)
def test_one_that_was_edited_stays_and_its_form_says_so_once(
    edited: dict[str, Any], capsys: pytest.CaptureFixture
) -> None:
    change(**edited)
    form_scripts.create()
    form_scripts.create()
    assert stored().script == edited["script"]
    (told,) = comments()
    assert "leave it as it is" in told
    assert capsys.readouterr().out.count(NAME) == 1


def test_one_that_was_deleted_comes_back() -> None:
    frappe.delete_doc("CRM Form Script", NAME)
    form_scripts.create()
    assert stored().script == form_scripts.FILE.read_text()


def test_a_script_of_somebody_else_outlives_trackflow() -> None:
    other = frappe.get_doc(
        doctype="CRM Form Script", name="TrackFlow Deal of ours", dt="CRM Deal", view="Form", script="// ours"
    ).insert()
    form_scripts.delete()
    assert not frappe.db.exists("CRM Form Script", NAME)
    assert frappe.db.exists("CRM Form Script", other.name)


def test_the_present_script_is_among_those_that_were_shipped() -> None:
    """Else the next version could not tell it from an edited one. Add its fingerprint, and keep the others."""
    assert form_scripts.fingerprint(form_scripts.FILE.read_text()) == form_scripts.SHIPPED[-1]
    assert len(set(form_scripts.SHIPPED)) == len(form_scripts.SHIPPED)
