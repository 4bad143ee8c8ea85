"""Leave nothing behind, and other apps' data alone."""

import frappe

from trackflow.setup import custom_fields, form_scripts, roles


def before_uninstall() -> None:
    """Remove what Frappe does not remove by itself; it takes the DocTypes, reports and workspaces of the module."""
    form_scripts.delete()
    custom_fields.delete()
    roles.delete()
    _delete_jobs()
    # Log Settings keep a row for each DocType with a clear_old_logs; values of a Single outlive its DocType.
    frappe.db.delete("Logs To Clear", {"ref_doctype": ("in", ["Click Queue", "API Request Log"])})
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
