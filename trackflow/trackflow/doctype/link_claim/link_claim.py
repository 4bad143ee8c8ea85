import frappe
from frappe.model.document import Document

from trackflow import retention


class LinkClaim(Document):
    """A visitor who has just taken a click of a limited link. Written by ``trackflow.quotas`` alone."""

    @staticmethod
    def clear_old_logs(days: int = 1) -> None:
        """Delete what nobody needs after some seconds. Frappe's Log Settings call this daily."""
        retention.delete_older("Link Claim", "claimed_at", days)


def on_doctype_update() -> None:
    frappe.db.add_index("Link Claim", ["tracked_link", "visitor_id"], "idx_link_claim_visitor")
