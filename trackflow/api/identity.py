"""Links between visitors and leads or deals, for their form."""

import frappe

from trackflow import merges
from trackflow.identity import DOCTYPE


@frappe.whitelist(methods=["POST"])
def undo(link: str, reason: str) -> None:
    """Let the visitor of an Identity Link count no longer; credit is worked out again in the background.

    Raises PermissionError for those who may not change the link, ValidationError without a reason.
    """
    frappe.get_doc(DOCTYPE, link).check_permission("write")
    merges.undo(link, reason)


@frappe.whitelist(methods=["POST"])
def redo(link: str) -> None:
    """Let an Identity Link that was undone hold again. Raises PermissionError as above."""
    frappe.get_doc(DOCTYPE, link).check_permission("write")
    merges.redo(link)
