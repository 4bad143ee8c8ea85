"""Leave nothing behind, and other apps' data alone."""

import frappe

from trackflow.setup import custom_fields, form_scripts, roles


def before_uninstall() -> None:
    """Remove what Frappe does not remove by itself; it takes the DocTypes, reports and workspaces of the module."""
    form_scripts.delete()
    custom_fields.delete()
    roles.delete()
    # Log Settings keep a row for each DocType with a clear_old_logs.
    frappe.db.delete("Logs To Clear", {"ref_doctype": ("in", ["Click Queue", "API Request Log"])})


def after_app_uninstall(app_name: str) -> None:
    """When the CRM goes, so do TrackFlow's fields on it."""
    if app_name == "crm":
        custom_fields.delete()
