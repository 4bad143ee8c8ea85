"""The counters of links, variants, campaigns, visitors and days: the half of the one writer that adds up.

Statements of ``store.write`` and of conversions, inside the caller's transaction. Rows are always locked visitors
first, then campaigns, then links, then variants, then days, each by name, so that two transactions can't wait for
each other in a circle. Campaigns come before links because a campaign's form holds the campaign by the time it
brings its links up to date.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import frappe

from trackflow.domain.daily_totals import CAMPAIGN_UNIQUES, NUMBERS, UNIQUES, Day, DayTally
from trackflow.domain.ledger import Ledger, Tally

_OWNER = "Guest"

# 5 for each session, 2 for each click, 1 for each page view, 20 for each conversion, 100 at most. MariaDB
# assigns from left to right, so in an UPDATE this comes after what it is made of.
ENGAGEMENT = (
    "engagement_score = LEAST(100, 5 * session_count + 2 * click_count + page_views + 20 * conversion_count)"
)
# As domain.budgets.cost has it.
_COST = "IF(amount_spent > 0, amount_spent, budget)"
_CAMPAIGN_RATIOS = f"""
    conversion_rate = IF(unique_visitors > 0, 100 * credited_conversions / unique_visitors, 0),
    cost_per_click = IF(total_clicks > 0, {_COST} / total_clicks, 0),
    cost_per_acquisition = IF(credited_conversions > 0, {_COST} / credited_conversions, 0),
    roi_percentage = IF({_COST} > 0, 100 * (revenue - {_COST}) / {_COST}, 0)
"""
# The day of the last conversion is read from those that there are, since one can be taken back.
_COUNT_VISITOR_CONVERSION = (
    "UPDATE tabVisitor SET conversion_count = GREATEST(0, conversion_count + %(number)s),"
    " has_converted = conversion_count > 0, last_conversion_date ="
    " (SELECT DATE(MAX(conversion_date)) FROM tabConversion WHERE visitor = %(id)s), "
    + ENGAGEMENT
    + " WHERE name = %(id)s"
)
_ADD_TO_LINK = """
    UPDATE `tabTracked Link` SET click_count = click_count + %(clicks)s,
    unique_visitor_count = unique_visitor_count + %(uniques)s,
    last_click = COALESCE(GREATEST(COALESCE(last_click, %(last)s), %(last)s), last_click) WHERE name = %(name)s
"""
_ADD_TO_VARIANT = "UPDATE `tabCampaign Link Variant` SET clicks = clicks + %s WHERE name = %s"
_COUNT_LINK_CONVERSION = (
    "UPDATE `tabTracked Link` SET conversion_count = GREATEST(0, conversion_count + %s) WHERE name = %s"
)
_COUNT_VARIANT_CONVERSION = (
    "UPDATE `tabCampaign Link Variant` SET conversions = GREATEST(0, conversions + %s) WHERE name = %s"
)
_SET_RESULTS = """
    UPDATE `tabLink Campaign` SET revenue = %s, won_deals = %s, conversions = %s, credited_conversions = %s WHERE name = %s
"""
_ADD_TO_CAMPAIGN = (
    "UPDATE `tabLink Campaign` SET total_clicks = total_clicks + %(clicks)s,"
    " unique_visitors = unique_visitors + %(uniques)s, " + _CAMPAIGN_RATIOS + " WHERE name = %(name)s"
)
_AFTERWARDS = {
    "Visitor": f"UPDATE tabVisitor SET {ENGAGEMENT} WHERE name = %s",
    "Visitor Session": "UPDATE `tabVisitor Session` SET is_bounce = click_count + page_views <= 1 WHERE name = %s",
}
_REFRESH_RATIOS = "UPDATE `tabLink Campaign` SET " + _CAMPAIGN_RATIOS + " WHERE name = %s"
_DAY_COLUMNS = (
    "name", "creation", "modified", "owner", "modified_by", "date", "tracked_link", "campaign", "variant",
    *NUMBERS,
)  # fmt: skip
_INSERT_DAYS = "INSERT INTO `tabClick Daily Total` ({}) VALUES ".format(", ".join(_DAY_COLUMNS))
_DAY_PLACES = "({})".format(", ".join(["%s"] * len(_DAY_COLUMNS)))
_DAY_SUMS = " ON DUPLICATE KEY UPDATE modified = VALUES(modified), " + ", ".join(
    f"{name} = {name} + VALUES({name})" for name in NUMBERS
)
_DAY_LOCK = " ON DUPLICATE KEY UPDATE name = name"
_DAY_VALUES = " ON DUPLICATE KEY UPDATE " + ", ".join(f"{name} = VALUES({name})" for name in NUMBERS)


class Sums(NamedTuple):
    """What of a DocType is a sum of daily totals. statement: name, clicks, unique visitors; one name or all ("")."""

    fields: tuple[str, ...]
    statement: str


SUMS = {
    "Tracked Link": Sums(("click_count", "unique_visitor_count"), f"""
        SELECT tracked_link, SUM(clicks), SUM({UNIQUES}) FROM `tabClick Daily Total`
        WHERE %(name)s IN ('', tracked_link) GROUP BY tracked_link"""),
    "Campaign Link Variant": Sums(("clicks",), """
        SELECT variant.name, SUM(total.clicks) FROM `tabClick Daily Total` total
        JOIN `tabCampaign Link Variant` variant
        ON variant.tracked_link = total.tracked_link AND variant.variant_name = total.variant
        WHERE %(name)s IN ('', variant.name) GROUP BY variant.name"""),
    "Link Campaign": Sums(("total_clicks", "unique_visitors"), f"""
        SELECT campaign, SUM(clicks), SUM({CAMPAIGN_UNIQUES}) FROM `tabClick Daily Total`
        WHERE campaign IS NOT NULL AND %(name)s IN ('', campaign) GROUP BY campaign"""),
}  # fmt: skip


def add(ledger: Ledger) -> None:
    """Add what a batch of clicks counts."""
    _add_to_campaigns(ledger.campaigns)
    _add_to_links(ledger.links)
    _add_to_variants(ledger.variants)
    add_to_days(ledger.days)


def count_conversion(
    visitor_id: str, links: Sequence[tuple[str, str]], campaigns: Iterable[str], number: int = 1
) -> None:
    """Add ``number`` conversions to a visitor and to its ``links`` ((link, variant) pairs); -1 takes one back.

    campaigns: those whose results the caller is going to set, which are locked where their turn is.
    """
    frappe.db.sql(_COUNT_VISITOR_CONVERSION, {"number": number, "id": visitor_id})
    lock_campaigns(campaigns)
    # In the same order as clicks are counted, so that a drain and this can't wait for each other.
    for link in sorted({link for link, _variant in links}):
        frappe.db.sql(_COUNT_LINK_CONVERSION, (number, link))
    for name in _variant_names(links).values():
        frappe.db.sql(_COUNT_VARIANT_CONVERSION, (number, name))


def lock_campaigns(names: Iterable[str]) -> list[str]:
    """Lock campaigns until the commit; return the names of those that are there."""
    wanted = sorted(set(filter(None, names)))
    if not wanted:
        return []
    campaign = frappe.qb.DocType("Link Campaign")
    query = frappe.qb.from_(campaign).select(campaign.name).where(campaign.name.isin(wanted))
    return [name for (name,) in query.orderby(campaign.name).for_update().run()]


def set_results(
    campaign: str, *, revenue: float, won_deals: float, conversions: int, credited_conversions: float
) -> None:
    """Set what a campaign earned, its shares of deals and conversions, and how many conversions it has a part in."""
    frappe.db.sql(_SET_RESULTS, (revenue, won_deals, conversions, credited_conversions, campaign))
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


def add_to_days(tallies: dict[Day, DayTally]) -> None:
    """Add to daily totals, whose rows are made where they are not there yet."""
    _write_days({day.name: (day, tally.values()) for day, tally in tallies.items()}, _DAY_SUMS)


def _write_days(rows: dict[str, tuple[Day, tuple[int, ...]]], ending: str) -> None:
    """One statement, whatever the number of rows; they are locked in the order of their names."""
    if not rows:
        return
    now = frappe.utils.now()
    values = [
        (name, now, now, _OWNER, _OWNER, day.date, day.link, day.campaign or None, day.variant, *numbers)
        for name, (day, numbers) in sorted(rows.items())
    ]
    statement = _INSERT_DAYS + ", ".join([_DAY_PLACES] * len(rows)) + ending
    frappe.db.sql(statement, [value for row in values for value in row])


# ---------------------------------------------------------------- putting right


def lock_days(days: dict[str, Day]) -> None:
    """Lock daily totals by name until the commit; what is not there yet is made."""
    _write_days({name: (day, (0,) * len(NUMBERS)) for name, day in days.items()}, _DAY_LOCK)


def set_days(days: dict[str, tuple[Day, tuple[int, ...]]]) -> None:
    """Set daily totals that are locked; those of nothing but zeros are removed."""
    _write_days(days, _DAY_VALUES)
    empty = [name for name, (_day, numbers) in days.items() if not any(numbers)]
    if empty:
        frappe.db.delete("Click Daily Total", {"name": ("in", empty)})


def sums_of_days(doctype: str, name: str = "") -> dict[str, tuple[int, ...]]:
    """Return what each document, or the one of this name, should count after its daily totals."""
    return {
        each: tuple(map(int, sums)) for each, *sums in frappe.db.sql(SUMS[doctype].statement, {"name": name})
    }


def set_to_sums(doctype: str, name: str) -> int:
    """Set a document's counters to the sums of its daily totals; return how many were something else.

    Whoever counts locks the document before the days, so no click is in the one and not in the other.
    """
    fields = SUMS[doctype].fields
    stored = frappe.db.get_value(doctype, name, fields, for_update=True)
    if stored is None:
        return 0
    sums = sums_of_days(doctype, name).get(name, (0,) * len(fields))
    values = dict(zip(fields, sums, strict=True))
    frappe.db.set_value(doctype, name, values, update_modified=False)
    if doctype == "Link Campaign":
        refresh_ratios(name)
    stored = stored if isinstance(stored, tuple) else (stored,)
    return sum(before != after for before, after in zip(stored, sums, strict=True))


def lock_visitors(names: Sequence[str]) -> list[tuple[str, int, int]]:
    """Lock visitors until the commit, as a drain does; return (name, clicks, sessions) of those that are there."""
    visitor = frappe.qb.DocType("Visitor")
    query = frappe.qb.from_(visitor).select(visitor.name, visitor.click_count, visitor.session_count)
    found = query.where(visitor.name.isin(list(names))).orderby(visitor.name).for_update().run()
    return list(found)


def set_number(doctype: str, name: str, field: str, number: int) -> None:
    """Set ``click_count`` or ``session_count`` of a visitor, or ``click_count`` of a session."""
    frappe.db.set_value(doctype, name, field, number, update_modified=False)
    frappe.db.sql(_AFTERWARDS[doctype], name)
