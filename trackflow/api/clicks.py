"""Clicks, for those who look after them."""

import frappe

from trackflow import click_queue


@frappe.whitelist(methods=["POST"])
def retry(names: str | list | None = None) -> int:
    """Let failed rows of Click Queue, all or those of ``names``, be tried again; return how many.

    Raises PermissionError for those who may not change Click Queue.
    """
    frappe.has_permission("Click Queue", "write", throw=True)
    return click_queue.retry([str(name) for name in frappe.parse_json(names) or []])
