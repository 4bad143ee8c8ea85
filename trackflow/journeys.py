"""Journeys: the touches of some people, read from the database. A statement for each kind, however many people."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

import frappe
from frappe.query_builder.functions import Coalesce
from pypika.functions import NullIf
from pypika.terms import Criterion, Field

from trackflow import identity, links, settings
from trackflow.domain.clicks import Verdict
from trackflow.domain.ledger import campaign_of
from trackflow.domain.links import Utm
from trackflow.domain.page_views import utm_of
from trackflow.domain.touchpoints import MILESTONE_CONVERSIONS, Kind, Touch, journey, origin

PAGE_VIEW = "Page View"


def of_lead(lead: str, visitors: Sequence[str], until: datetime, days: int = 0) -> list[Touch]:
    """Return the journey of a lead whose visitors are ``visitors``, as ``journey_of`` does."""
    return journey_of(visitors, until, days, addresses=identity.addresses_of_lead(lead))


def of_deal(deal: str, visitors: Sequence[str], until: datetime, days: int = 0) -> list[Touch]:
    """Return the journey of a deal whose visitors are ``visitors``, with what was noted for it by hand."""
    return journey_of(visitors, until, days, addresses=identity.addresses_of_deal(deal), deal=deal)


def journey_of(
    visitors: Sequence[str],
    until: datetime,
    days: int = 0,
    *,
    addresses: Collection[str] = (),
    deal: str = "",
) -> list[Touch]:
    """Return the touches in the ``days`` before ``until`` (site time), each once, oldest first.

    Human clicks, page views that began a session from somewhere and conversions on the way, all of ``visitors``;
    clicks in emails to ``addresses``; offline touches that somebody noted for ``deal``. ``days`` is the attribution
    window of TrackFlow Settings unless given.
    """
    days = days or settings.attribution_window_days()
    since = until - timedelta(days=days)
    found: list[Touch] = []
    if visitors:
        found += map(_click, _clicks(visitors, since, until))
        found += map(_page_view, _page_views(visitors, since, until))
        found += map(_conversion, _conversions(visitors, since, until))
    if addresses:
        found += map(_email, _emails(addresses, since, until))
    if deal:
        found += map(_offline, _offline_notes(deal))
    return journey(found, until, days)


# ---------------------------------------------------------------- clicks


def _clicks(visitors: Sequence[str], since: datetime, until: datetime) -> list[dict]:
    event = frappe.qb.DocType("Click Event")
    return (
        frappe.qb.from_(event)
        .select(
            event.name, event.click_timestamp, event.visitor_id, event.tracked_link, event.campaign, event.variant,
            event.referrer, event.destination_url, event.utm_source, event.utm_medium, event.utm_campaign, event.utm_term,
            event.utm_content,
        )
        .where(event.visitor_id.isin(list(visitors)) & (event.verdict == Verdict.HUMAN.value))
        .where(event.click_timestamp[since:until])
    ).run(as_dict=True)  # fmt: skip


def _click(row: dict) -> Touch:
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


# ---------------------------------------------------------------- page views


def _page_views(visitors: Sequence[str], since: datetime, until: datetime) -> list[dict]:
    """Return those that were the first thing seen in their session, and came from somewhere."""
    event, session = frappe.qb.DocType("Visitor Event"), frappe.qb.DocType("Visitor Session")
    return (
        frappe.qb.from_(event)
        .join(session)
        .on((session.name == event.session) & (session.session_start == event.timestamp))
        .select(
            event.name, event.timestamp, event.visitor, event.page_url, event.referrer,
            session.source, session.medium, session.campaign,
        )
        .where(event.visitor.isin(list(visitors)) & (event.event_type == PAGE_VIEW))
        .where(event.timestamp[since:until])
        .where(_is_filled(session.source) | _is_filled(session.campaign))
    ).run(as_dict=True)  # fmt: skip


def _is_filled(field: Field) -> Criterion:
    return Coalesce(field, "") != ""


def _page_view(row: dict) -> Touch:
    utm = utm_of(row.page_url or "")
    return Touch(
        name=row.name,
        at=row.timestamp,
        visitor_id=row.visitor,
        campaign=row.campaign or "",
        source=row.source or "",
        medium=row.medium or "",
        term=utm.term,
        content=utm.content,
        referrer=row.referrer or "",
        landing_page=row.page_url or "",
        kind=Kind.PAGE_VIEW.value,
    )


# ---------------------------------------------------------------- conversions


def _conversions(visitors: Sequence[str], since: datetime, until: datetime) -> list[dict]:
    return frappe.get_all(
        "Conversion",
        {
            "visitor": ("in", list(visitors)),
            "conversion_type": ("not in", MILESTONE_CONVERSIONS),
            "conversion_date": ("between", [since, until]),
        },
        [
            "name", "visitor", "conversion_date", "tracked_link", "source_campaign", "source_source", "source_medium",
        ],
        order_by="name asc",
    )  # fmt: skip


def _conversion(row: dict) -> Touch:
    return Touch(
        name=row.name,
        at=row.conversion_date,
        visitor_id=row.visitor,
        link=row.tracked_link or "",
        campaign=row.source_campaign or "",
        source=row.source_source or "",
        medium=row.source_medium or "",
        kind=Kind.CONVERSION.value,
    )


# ---------------------------------------------------------------- emails and what happened offline


def _emails(addresses: Collection[str], since: datetime, until: datetime) -> list[dict]:
    """Return emails that were clicked in the time between. That one was opened says nothing."""
    log, link = frappe.qb.DocType("Email Campaign Log"), frappe.qb.DocType("Tracked Link")
    campaign = Coalesce(NullIf(log.campaign, ""), link.campaign)
    query = frappe.qb.from_(log).left_join(link).on(link.name == log.tracked_link)
    query = _with_utm(query, link, campaign).select(log.name, log.clicked_date, log.tracked_link)
    query = query.where(log.recipient.isin(sorted(addresses)))
    return query.where(log.clicked_date[since:until]).run(as_dict=True)


def _email(row: dict) -> Touch:
    return _noted(row, row.clicked_date, Kind.EMAIL, "email")


def _offline_notes(deal: str) -> Iterator[dict]:
    """Return links that people associated with the deal and gave a weight."""
    note, link = frappe.qb.DocType("Deal Link Association"), frappe.qb.DocType("Tracked Link")
    query = frappe.qb.from_(note).left_join(link).on(link.name == note.tracked_link)
    query = _with_utm(query, link, link.campaign).select(
        note.name,
        note.tracked_link,
        note.attribution_weight,
        Coalesce(note.touch_date, note.created_date).as_("at"),
    )
    query = query.where((note.deal_id == deal) & (note.association_type == "Manual"))
    return query.where(note.attribution_weight > 0).run(as_dict=True)


def _offline(row: dict) -> Touch:
    return _noted(row, row["at"], Kind.OFFLINE, "offline", factor=min(row.attribution_weight, 1.0))


def _with_utm(
    query: "frappe.query_builder.Query", link: "frappe.query_builder.Table", campaign: Criterion | Field
) -> "frappe.query_builder.Query":
    """Select what ``links.utm_of`` asks for, of ``link`` and of the campaign of this name."""
    planned = frappe.qb.DocType("Link Campaign")
    return query.left_join(planned).on(planned.name == campaign).select(
        planned.name.as_("campaign"), planned.campaign_id, planned.source.as_("campaign_source"),
        planned.medium.as_("campaign_medium"), link.source, link.medium, link.term, link.content,
    )  # fmt: skip


def _noted(row: dict, at: datetime, kind: Kind, usual: str, factor: float = 1.0) -> Touch:
    """``usual``: source and medium where neither link nor campaign says one."""
    utm = links.utm_of(row)
    return Touch(
        name=row.name,
        at=at,
        link=row.tracked_link or "",
        campaign=row.campaign or "",
        source=utm.source or usual,
        medium=utm.medium or usual,
        term=utm.term,
        content=utm.content,
        kind=kind.value,
        factor=factor,
    )
