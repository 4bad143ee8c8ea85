"""The default domain used to be typed into TrackFlow Settings; now it is the primary Domain Configuration."""

import frappe


def execute() -> None:
    domain = frappe.db.get_single_value("TrackFlow Settings", "default_shortlink_domain")
    if domain and not frappe.db.exists("Domain Configuration", {"is_primary": 1}):
        if frappe.db.exists("Domain Configuration", domain):
            doc = frappe.get_doc("Domain Configuration", domain)
        else:
            doc = frappe.get_doc(doctype="Domain Configuration", domain=domain, ssl_enabled=1)
        doc.is_primary = 1
        # Nobody is logged in during a migration.
        doc.save(ignore_permissions=True)
