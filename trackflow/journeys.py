"""Journeys: the touches of some visitors, read from the database."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import frappe

from trackflow import settings
from trackflow.domain.clicks import Verdict
from trackflow.domain.ledger import campaign_of
from trackflow.domain.links import Utm
from trackflow.domain.touchpoints import Touch, journey, origin


def journey_of(visitors: Sequence[str], until: datetime, days: int = 0) -> list[Touch]:
    """Return the human clicks of ``visitors`` in the ``days`` before ``until`` (site time), oldest first.

    ``days`` is the attribution window of TrackFlow Settings unless given.
    """
    if not visitors:
        return []
    days = days or settings.attribution_window_days()
    event = frappe.qb.DocType("Click Event")
    rows = (
        frappe.qb.from_(event)
        .select(
            event.name, event.click_timestamp, event.visitor_id, event.tracked_link, event.campaign, event.variant,
            event.referrer, event.destination_url, event.utm_source, event.utm_medium, event.utm_campaign, event.utm_term,
            event.utm_content,
        )
        .where(event.visitor_id.isin(list(visitors)) & (event.verdict == Verdict.HUMAN.value))
        .where(event.click_timestamp[until - timedelta(days=days) : until])
    ).run(as_dict=True)  # fmt: skip
    return journey(map(_touch, rows), until, days)


def _touch(row: dict) -> Touch:
    utm = Utm(**{name: row[f"utm_{name}"] or "" for name in Utm.__dataclass_fields__})
    source, medium = origin(utm, row.referrer or "")
    return Touch(
        name=row.name,
        at=row.click_timestamp,
        visitor_id=row.visitor_id,
        link=row.tracked_link,
        campaign=campaign_of(row.campaign or "", utm),
        source=source,
        medium=medium,
        term=utm.term,
        content=utm.content,
        variant=row.variant or "",
        referrer=row.referrer or "",
        landing_page=row.destination_url or "",
    )
