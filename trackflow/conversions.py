"""Conversions: the only writer of Conversion and Link Conversion."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import frappe

from trackflow import counters
from trackflow.domain.touchpoints import Touch


def record(
    conversion_type: str,
    *,
    visitor_id: str,
    at: datetime,
    journey: Sequence[Touch],
    credited: Touch,
    reference: tuple[str, str],
    value: float = 0,
) -> None:
    """Record that a visitor converted at ``at`` (site time), once for each type and ``reference``.

    A visitor who is gone leaves no conversion: there is nobody left who converted, and whoever gives credit goes on.
    ``journey`` are the touches within the attribution window, oldest first; ``credited`` is the one whose
    source the conversion shows; ``reference`` is (DocType, name) of the lead or deal.
    """
    name = _name(conversion_type, *reference)
    if frappe.db.exists("Conversion", name) or not frappe.db.exists("Visitor", visitor_id):
        return
    conversion = frappe.get_doc(
        doctype="Conversion",
        conversion_type=conversion_type,
        visitor=visitor_id,
        tracked_link=journey[-1].link,
        conversion_date=at,
        value=value,
        reference_doctype=reference[0],
        reference_name=reference[1],
        source_campaign=credited.campaign,
        source_source=credited.source,
        source_medium=credited.medium,
        attribution_data=frappe.as_json([asdict(touch) for touch in journey]),
    )
    # Runs in background jobs on behalf of visitors, who have no rights of their own.
    conversion.insert(ignore_permissions=True, set_name=name)
    last_clicks = {touch.link: touch for touch in journey}
    for touch in last_clicks.values():
        _record_link_conversion(conversion, touch)
    counters.count_conversion(
        visitor_id,
        at,
        links=[(touch.link, touch.variant) for touch in last_clicks.values()],
        campaigns={touch.campaign for touch in journey if touch.campaign},
    )


def _record_link_conversion(conversion: "frappe.model.document.Document", touch: Touch) -> None:
    frappe.get_doc(
        doctype="Link Conversion",
        conversion=conversion.name,
        tracked_link=touch.link,
        click_event=touch.name,
        visitor_id=touch.visitor_id,
        conversion_type=conversion.conversion_type,
        conversion_date=conversion.conversion_date,
        conversion_value=conversion.value,
        attribution_data=frappe.as_json(asdict(touch)),
        # As above: nobody with rights is there.
    ).insert(ignore_permissions=True, set_name=_name(conversion.name, touch.link))


def _name(*parts: str) -> str:
    """The same outcome has the same name, so that the primary key keeps it from being recorded twice."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
