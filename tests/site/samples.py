"""One record of each DocType that nothing else writes yet, with rows in its tables."""

from __future__ import annotations

from typing import Any

import frappe

from tests.site import factory


def insert_all() -> dict[str, str]:
    """Insert them; returns the name of each."""
    # Limited, so that its quota and the visitor's claim are written, too.
    link = factory.make_link(campaign=factory.make_campaign().name, max_clicks=9)
    factory.click(link)
    factory.drain()
    visitor = factory.events(link)[0].visitor_id
    made = [frappe.get_doc(values).insert() for values in _samples(link, visitor)]
    frappe.db.commit()
    return {doc.doctype: doc.name for doc in made}


def _samples(link: Any, visitor: str) -> list[dict[str, Any]]:
    now = frappe.utils.now_datetime().replace(microsecond=0)
    return [
        {
            "doctype": "Campaign Link Variant",
            "tracked_link": link.name,
            "variant_name": "Red button",
            "destination_url": factory.DESTINATION,
            "weight": 50,
        },
        {
            "doctype": "Click Rejudgement",
            "from_date": now.date(),
            "to_date": now.date(),
            "tracked_link": link.name,
        },
        {
            "doctype": "Verdict Change",
            "click_event": factory.events(link)[0].name,
            "tracked_link": link.name,
            "changed_at": now,
            "old_verdict": "bot",
            "new_verdict": "human",
        },
        {"doctype": "Conversion", "visitor": visitor, "conversion_type": "Purchase", "conversion_date": now},
        {
            "doctype": "Credit Request",
            "reference_doctype": "CRM Deal",
            "reference_name": factory.unique("DEAL"),
            "requested_at": now,
            "failures": 1,
            "failed_at": now,
            "error_message": "A model could not be understood.",
        },
        {"doctype": "Deal Journey", "deal_id": factory.unique("DEAL"), "outcome": "Won", "closed_at": now},
        {
            "doctype": "Deal Link Association",
            "deal_id": factory.unique("DEAL"),
            "tracked_link": link.name,
            "association_type": "Manual",
        },
        {
            "doctype": "Email Campaign Log",
            "campaign": link.campaign,
            "recipient": "ada@example.com",
            "status": "Sent",
        },
        {"doctype": "Link Import", "import_format": "List of URLs", "pasted_text": factory.DESTINATION},
        {
            "doctype": "Link Template",
            "template_name": factory.unique("Partners"),
            "url_template": "https://example.com/{page}",
            "variables": [{"variable_name": "page", "variable_type": "Text"}],
        },
        {
            "doctype": "TrackFlow API Key",
            "user": "Administrator",
            "permissions": [{"permission_type": "Read Links"}],
            "ip_whitelist": [{"ip_address": "192.0.2.0/24"}],
            "webhook_events": [{"event_type": "click.created", "webhook_url": "https://example.com/hook"}],
        },
        {"doctype": "API Request Log", "endpoint": "/api/links", "method": "GET", "request_time": now},
        {
            "doctype": "Visitor Event",
            "visitor": visitor,
            "event_type": "Page View",
            "timestamp": now,
            "page_url": factory.DESTINATION,
        },
    ]
