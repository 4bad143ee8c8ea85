import frappe

OLD, NEW = "idx_click_event_timestamp", "idx_click_event_verdict"


def execute() -> None:
    """Drop the index on the time of clicks, which begins another one by now."""
    if frappe.db.has_index("tabClick Event", OLD) and frappe.db.has_index("tabClick Event", NEW):
        frappe.db.sql_ddl(f"ALTER TABLE `tabClick Event` DROP INDEX {OLD}")
