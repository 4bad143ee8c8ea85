"""The counters of links, variants, campaigns and visitors: the half of the one writer that adds up.

Statements of ``store.write`` and of conversions, inside the caller's transaction. Rows are always updated links
first, then variants, then campaigns, each by name, so that two transactions can't wait for each other in a circle.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import frappe

from trackflow.domain.ledger import Ledger, Tally

# 5 for each session, 2 for each click, 1 for each page view, 20 for each conversion, 100 at most. MariaDB
# assigns from left to right, so in an UPDATE this comes after what it is made of.
ENGAGEMENT = (
    "engagement_score = LEAST(100, 5 * session_count + 2 * click_count + page_views + 20 * conversion_count)"
)
_CAMPAIGN_RATIOS = """
    conversion_rate = IF(unique_visitors > 0, 100 * conversions / unique_visitors, 0),
    cost_per_click = IF(total_clicks > 0, budget / total_clicks, 0),
    cost_per_acquisition = IF(conversions > 0, budget / conversions, 0),
    roi_percentage = IF(budget > 0, 100 * (revenue - budget) / budget, 0)
"""
_COUNT_VISITOR_CONVERSION = (
    "UPDATE tabVisitor SET has_converted = 1, conversion_count = conversion_count + 1,"
    " last_conversion_date = GREATEST(COALESCE(last_conversion_date, %(on)s), %(on)s), "
    + ENGAGEMENT
    + " WHERE name = %(id)s"
)
_ADD_TO_LINK = """
    UPDATE `tabTracked Link` SET click_count = click_count + %(clicks)s,
    unique_visitor_count = unique_visitor_count + %(uniques)s,
    last_click = GREATEST(COALESCE(last_click, %(last)s), %(last)s) WHERE name = %(name)s
"""
_ADD_TO_VARIANT = "UPDATE `tabCampaign Link Variant` SET clicks = clicks + %s WHERE name = %s"
_COUNT_LINK_CONVERSION = (
    "UPDATE `tabTracked Link` SET conversion_count = conversion_count + 1 WHERE name = %s"
)
_COUNT_VARIANT_CONVERSION = (
    "UPDATE `tabCampaign Link Variant` SET conversions = conversions + 1 WHERE name = %s"
)
_COUNT_CAMPAIGN_CONVERSION = "UPDATE `tabLink Campaign` SET conversions = conversions + 1 WHERE name = %s"
_ADD_TO_CAMPAIGN = (
    "UPDATE `tabLink Campaign` SET total_clicks = total_clicks + %(clicks)s,"
    " unique_visitors = unique_visitors + %(uniques)s, " + _CAMPAIGN_RATIOS + " WHERE name = %(name)s"
)
_REFRESH_RATIOS = "UPDATE `tabLink Campaign` SET " + _CAMPAIGN_RATIOS + " WHERE name = %s"


def add(ledger: Ledger) -> None:
    """Add what a batch of clicks counts."""
    _add_to_links(ledger.links)
    _add_to_variants(ledger.variants)
    _add_to_campaigns(ledger.campaigns)


def count_conversion(
    visitor_id: str, at: datetime, links: Sequence[tuple[str, str]], campaigns: Iterable[str]
) -> None:
    """Add one conversion to a visitor, to its ``links`` ((link, variant) pairs) and to its ``campaigns``."""
    frappe.db.sql(_COUNT_VISITOR_CONVERSION, {"on": at.date(), "id": visitor_id})
    # In the same order as clicks are counted, so that a drain and this can't wait for each other.
    for link in sorted({link for link, _variant in links}):
        frappe.db.sql(_COUNT_LINK_CONVERSION, link)
    for name in _variant_names(links).values():
        frappe.db.sql(_COUNT_VARIANT_CONVERSION, name)
    for campaign in sorted(campaigns):
        frappe.db.sql(_COUNT_CAMPAIGN_CONVERSION, campaign)
        refresh_ratios(campaign)


def set_revenue(campaign: str, revenue: float) -> None:
    """Set what a campaign earned; nothing happens if ``campaign`` is no Link Campaign."""
    frappe.db.sql("UPDATE `tabLink Campaign` SET revenue = %s WHERE name = %s", (revenue, campaign))
    refresh_ratios(campaign)


def refresh_ratios(campaign: str) -> None:
    frappe.db.sql(_REFRESH_RATIOS, campaign)


def keep_counters(doc: "frappe.model.document.Document", fieldnames: Iterable[str]) -> None:
    """Put the counters as they now stand into ``doc`` before it is saved.

    A form holds the figures of the moment it was opened, and saving writes all fields. The row is locked, so
    that nothing is counted between this and the commit.
    """
    if doc.is_new():
        doc.update(dict.fromkeys(fieldnames, 0))
        return
    current = frappe.db.get_value(doc.doctype, doc.name, list(fieldnames), as_dict=True, for_update=True)
    doc.update(current or {})


def _add_to_links(tallies: dict[str, Tally]) -> None:
    for link, tally in sorted(tallies.items()):
        counts = {"clicks": tally.clicks, "uniques": tally.uniques, "last": tally.last_click, "name": link}
        frappe.db.sql(_ADD_TO_LINK, counts)


def _add_to_variants(tallies: dict[tuple[str, str], Tally]) -> None:
    for pair, name in _variant_names(tallies).items():
        frappe.db.sql(_ADD_TO_VARIANT, (tallies[pair].clicks, name))


def _variant_names(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the names of those (link, variant) pairs that are there, in one order.

    Updates by name lock the row and nothing else; by link and variant they would lock an index first, and
    meet somebody who deletes the variant and locks the other way round.
    """
    wanted = {(link, variant) for link, variant in pairs if variant}
    if not wanted:
        return {}
    rows = frappe.get_all(
        "Campaign Link Variant",
        {"tracked_link": ("in", {link for link, _variant in wanted})},
        ["name", "tracked_link", "variant_name"],
        order_by="name asc",
    )
    found = {(row.tracked_link, row.variant_name): row.name for row in rows}
    return {pair: name for pair, name in found.items() if pair in wanted}


def _add_to_campaigns(tallies: dict[str, Tally]) -> None:
    for campaign, tally in sorted(tallies.items()):
        counts = {"clicks": tally.clicks, "uniques": tally.uniques, "name": campaign}
        frappe.db.sql(_ADD_TO_CAMPAIGN, counts)
