"""TrackFlow's roles."""

import frappe

ROLES = ("Campaign Manager", "TrackFlow Manager")


def create() -> None:
    for role in ROLES:
        if not frappe.db.exists("Role", role):
            # Runs during installation, where nobody is asked for rights.
            frappe.get_doc(doctype="Role", role_name=role, desk_access=1).insert(ignore_permissions=True)


def delete() -> None:
    """Delete the roles and take them from their users, unless another app or the administrator uses them too."""
    for role in ROLES:
        if not _is_used_elsewhere(role):
            frappe.db.delete("Has Role", {"role": role})
            # As above.
            frappe.delete_doc("Role", role, ignore_permissions=True, ignore_missing=True, force=True)


def _is_used_elsewhere(role: str) -> bool:
    own = frappe.get_all("DocType", {"module": "TrackFlow"}, pluck="name")
    filters = {"role": role, "parent": ("not in", own)}
    return any(frappe.db.exists(doctype, filters) for doctype in ("DocPerm", "Custom DocPerm"))
