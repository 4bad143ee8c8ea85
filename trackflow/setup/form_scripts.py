"""What TrackFlow adds to Frappe CRM's own pages: an action on leads and deals that shows where they came from.

One script for all versions of Frappe CRM from 1.34 on, whose pages call its ``setupForm``.
"""

import hashlib
from pathlib import Path

import click
import frappe
from frappe import _
from frappe.model.document import Document

from trackflow.setup.custom_fields import COMMENT_BY

DOCTYPE = "CRM Form Script"
SCRIPTS = {"TrackFlow Lead": "CRM Lead", "TrackFlow Deal": "CRM Deal"}
FILE = Path(__file__).with_name("form_script.js")
# Fingerprints of all scripts that were ever shipped, the present one among them: what has another one was edited.
SHIPPED = (
    "18e7ba6b0b26a5b1",
    "5ec0853a4ed50f1f",
    "a28406a4c609e2e6",
    "88dfe597f35a3a63",
    "d5044bfbed2ed4da",
)


def create() -> None:
    """Bring the scripts to the present version; one that an administrator changed stays as it is, and says so."""
    if not frappe.db.exists("DocType", DOCTYPE):
        return
    for name, doctype in SCRIPTS.items():
        if frappe.db.exists(DOCTYPE, name):
            _bring_up_to_date(frappe.get_doc(DOCTYPE, name))
        else:
            doc = frappe.get_doc(
                doctype=DOCTYPE, name=name, dt=doctype, view="Form", enabled=1, script=_script()
            )
            # Runs during installation, where nobody is asked for rights.
            doc.insert(ignore_permissions=True)


def delete() -> None:
    if frappe.db.exists("DocType", DOCTYPE):
        for name in SCRIPTS:
            # As above.
            frappe.delete_doc(DOCTYPE, name, ignore_permissions=True, ignore_missing=True, force=True)


def fingerprint(script: str | None) -> str:
    """Return what tells one script from another, whatever an editor did to the ends of its lines."""
    text = "\n".join(line.rstrip() for line in (script or "").strip().splitlines())
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _script() -> str:
    return FILE.read_text(encoding="utf-8")


def _bring_up_to_date(doc: Document) -> None:
    if fingerprint(doc.script) == fingerprint(_script()):
        return
    # A standard script may be changed in developer mode only.
    if fingerprint(doc.script) not in SHIPPED or doc.is_standard:
        _tell(doc)
        return
    doc.script = _script()
    # As above. Whether it is enabled stays as it is.
    doc.save(ignore_permissions=True)


def _tell(doc: Document) -> None:
    """Say once, where the script is edited, that updates leave it alone."""
    told = {"reference_doctype": DOCTYPE, "reference_name": doc.name, "comment_by": COMMENT_BY}
    if frappe.db.exists("Comment", told):
        return
    text = _(
        "This script was changed, so updates of TrackFlow leave it as it is. To get TrackFlow's own, delete this"
        " one and migrate the site."
    )
    doc.add_comment("Info", text, comment_by=COMMENT_BY)
    click.secho(f"{DOCTYPE} {doc.name}: {text}", fg="yellow")
