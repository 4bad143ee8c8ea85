"""Outcomes of visitors, counted."""

import frappe
from frappe.query_builder.functions import Coalesce, Count

from trackflow.analytics import access
from trackflow.analytics.periods import Period

LEAD = "Lead"


def leads_by_campaign(period: Period) -> dict[str, int]:
    """Return how many leads each campaign brought that became one in the period.

    A lead belongs to one campaign: that of its first touch if the default model is First Touch, else of its last.
    """
    conversion = frappe.qb.DocType("Conversion")
    column = Coalesce(conversion.source_campaign, "")
    query = frappe.qb.from_(conversion).select(column, Count("*")).groupby(column)
    return dict(
        _of(period, conversion.conversion_date, query.where(conversion.conversion_type == LEAD)).run()
    )


def leads_of_campaigns(period: Period) -> list[str]:
    """Return the leads that ``leads_by_campaign`` counts for a campaign of which the user is told."""
    conversion = frappe.qb.DocType("Conversion")
    query = frappe.qb.from_(conversion).select(conversion.reference_name).orderby(conversion.name)
    query = query.where(
        (conversion.conversion_type == LEAD) & (Coalesce(conversion.source_campaign, "") != "")
    )
    query = access.only(query, conversion.source_campaign)
    return [lead for (lead,) in _of(period, conversion.conversion_date, query).run()]


def by_link(period: Period) -> dict[str, int]:
    """Return how many outcomes followed a click on each link: one that followed clicks on two counts for both."""
    conversion = frappe.qb.DocType("Link Conversion")
    column = conversion.tracked_link
    query = frappe.qb.from_(conversion).select(column, Count("*")).groupby(column)
    return dict(_of(period, conversion.conversion_date, query).run())


def _of(period: Period, field: "frappe.qb.Field", query: "frappe.qb.Query") -> "frappe.qb.Query":
    return query.where(period.of_times(field)) if period else query
