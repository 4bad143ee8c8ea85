"""Campaigns for programs and forms."""

import frappe

from trackflow import campaign_copies


@frappe.whitelist(methods=["POST"])
def duplicate(campaign: str, campaign_name: str, campaign_id: str = "", shift_days: int = 0) -> dict:
    """Make a campaign like ``campaign``, with copies of its links: new codes, nothing counted.

    All dates are put off by ``shift_days``. Returns ``{"campaign", "links", "in_background"}``. Raises
    PermissionError for those who may not read the campaign, or create campaigns and links.
    """
    return campaign_copies.duplicate(campaign, campaign_name, campaign_id, int(shift_days))
