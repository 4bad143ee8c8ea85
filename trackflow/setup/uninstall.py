"""Leave nothing behind, and other apps' data alone."""

import frappe

from trackflow import digest
from trackflow.setup import (
    crm_dashboard,
    crm_menu,
    custom_fields,
    form_scripts,
    indexes,
    kanban,
    onboarding,
    roles,
)

# What Frappe deletes with a document, what it keeps for each DocType, and how administrators customised them:
# DocTypes, and the field of each that names ours.
HANGING = {
    "ToDo": "reference_type",
    "Email Unsubscribe": "reference_doctype",
    "DocShare": "share_doctype",
    "Version": "ref_doctype",
    "Comment": "reference_doctype",
    "View Log": "reference_doctype",
    "Document Follow": "ref_doctype",
    "Notification Log": "document_type",
    "Tag Link": "document_type",
    "Logs To Clear": "ref_doctype",
    "Custom Field": "dt",
    "Property Setter": "doc_type",
    "Custom DocPerm": "parent",
    "List Filter": "reference_doctype",
    "Calendar View": "reference_doctype",
    # Of others' records, for ours alone.
    "User Permission": "applicable_for",
}

# What administrators set up for a DocType of ours belongs to no module, so Frappe leaves it behind, and some of it fails
# from then on: one Notification for a DocType that is gone stops the daily alerts of all apps, and whom a User Permission
# on one limits is kept out of everything.
SET_UP = {
    "Assignment Rule": "document_type",
    "Auto Repeat": "reference_doctype",
    "Client Script": "dt",
    "Document Naming Rule": "document_type",
    "Milestone Tracker": "document_type",
    "Notification": "document_type",
    "Server Script": "reference_doctype",
    "User Permission": "allow",
    "Web Form": "doc_type",
    "Webhook": "webhook_doctype",
    "Workflow": "document_type",
}


def before_uninstall() -> None:
    """Remove what Frappe does not remove by itself; it takes the DocTypes, reports and workspaces of the module."""
    form_scripts.delete()
    crm_menu.delete()
    crm_dashboard.delete()
    custom_fields.delete()
    indexes.delete()
    digest.delete_all()
    roles.delete()
    onboarding.delete()
    _delete_jobs()
    _delete_what_was_set_up()
    _delete_what_hangs_on_documents()
    # Values of a Single outlive its DocType.
    frappe.db.delete("Singles", {"doctype": "TrackFlow Settings"})


def after_app_uninstall(app_name: str) -> None:
    """When the CRM goes, so do TrackFlow's fields on it."""
    if app_name == "crm":
        custom_fields.delete()
        # Frappe has committed before it calls this, and does not do so again.
        frappe.db.commit()


def _delete_jobs() -> None:
    """Frappe looks for jobs that are gone with the next migration only, and until then tries to run them."""
    for name in frappe.get_all("Scheduled Job Type", {"method": ("like", "trackflow.%")}, pluck="name"):
        # As for the roles.
        frappe.delete_doc("Scheduled Job Type", name, ignore_permissions=True, force=True)


def _delete_what_was_set_up() -> None:
    ours = frappe.get_all("DocType", {"module": "TrackFlow"}, pluck="name")
    for doctype, fieldname in SET_UP.items():
        if not frappe.db.table_exists(doctype):
            continue
        for name in frappe.get_all(doctype, {fieldname: ("in", ours)}, pluck="name"):
            # As for the roles.
            frappe.delete_doc(doctype, name, ignore_permissions=True, force=True)


def _delete_what_hangs_on_documents() -> None:
    """Frappe drops the tables without deleting the documents, which would take these along."""
    ours = frappe.get_all("DocType", {"module": "TrackFlow"}, pluck="name")
    kanban.delete(ours)
    for name in frappe.get_all("File", {"attached_to_doctype": ("in", ours)}, pluck="name"):
        # As for the roles. It leaves a comment, so comments come later.
        frappe.delete_doc("File", name, ignore_permissions=True, force=True)
    for doctype, fieldname in HANGING.items():
        frappe.db.delete(doctype, {fieldname: ("in", ours)})
    frappe.db.delete("Comment", {"comment_type": "Info", "comment_by": custom_fields.COMMENT_BY})
    for doctype in ("Communication", "Activity Log"):
        # They belong to people, too.
        nothing = {"reference_doctype": None, "reference_name": None}
        frappe.db.set_value(doctype, {"reference_doctype": ("in", ours)}, nothing, update_modified=False)
