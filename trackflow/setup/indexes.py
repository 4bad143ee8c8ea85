"""TrackFlow's indexes on other apps' tables: what is looked up with each deal, and what nobody else looks up by.

Of two columns each, because Frappe drops an index of one column that the DocType does not ask for.
"""

import frappe

INDEXES = {
    "trackflow_company_name": ("Contact", ("company_name", "name")),
    "trackflow_organization": ("CRM Deal", ("organization", "lead")),
}


def create() -> None:
    """Add what is missing on those DocTypes that the site has."""
    for name, (doctype, columns) in INDEXES.items():
        if frappe.db.exists("DocType", doctype):
            frappe.db.add_index(doctype, list(columns), name)


def delete() -> None:
    for name, (doctype, _columns) in INDEXES.items():
        if frappe.db.table_exists(doctype) and frappe.db.has_index(f"tab{doctype}", name):
            # Both names stand in INDEXES; neither can be a parameter.
            frappe.db.sql_ddl("ALTER TABLE `tab" + doctype + "` DROP INDEX `" + name + "`")
