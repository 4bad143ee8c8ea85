"""Imports of links for their form."""

import frappe
from frappe import _
from frappe.model.document import Document

from trackflow import messages
from trackflow.domain.errors import Refused
from trackflow.imports import jobs as import_jobs
from trackflow.imports import links as link_imports

DOCTYPE = "Link Import"
STATE = ("status", "message", "total_rows", "created_count", "failed_count", "progress")


@frappe.whitelist(methods=["POST"])
def preview(name: str) -> dict:
    """Return what the import would do, see ``link_imports.preview``. Nothing is created."""
    try:
        return link_imports.preview(_import(name, "read"))
    except Refused as refused:
        messages.throw(refused, _("This can't be read"))


@frappe.whitelist(methods=["POST"])
def start(name: str) -> None:
    """Create the links in the background, or go on with it; needs the right to create links."""
    frappe.has_permission("Tracked Link", "create", throw=True)
    import_jobs.start(_import(name, "write"))


@frappe.whitelist(methods=["POST"])
def stop(name: str) -> None:
    """Let the job end soon. What it has created stays."""
    import_jobs.stop(_import(name, "write"))


@frappe.whitelist()
def state(name: str) -> dict:
    """Return how far the import is, as ``at_work`` whether a job is known to be alive, and the first ``failures``."""
    doc = _import(name, "read")
    told = {"at_work": import_jobs.is_at_work(doc), "failures": link_imports.failures(doc)}
    return {fieldname: doc.get(fieldname) for fieldname in STATE} | told


@frappe.whitelist(methods=["GET"])
def failed_rows(name: str) -> None:
    """Answer with the rows that failed as a CSV file, with their reasons."""
    doc = _import(name, "read")
    frappe.response["type"] = "download"
    frappe.response["filename"] = f"{doc.name}-failed.csv"
    frappe.response["filecontent"] = link_imports.failed_rows_csv(doc)


def _import(name: str, right: str) -> Document:
    doc = frappe.get_doc(DOCTYPE, name)
    doc.check_permission(right)
    return doc
