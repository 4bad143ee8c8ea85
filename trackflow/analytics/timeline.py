"""Everything that is known of the visitors of a lead or deal, in the order in which it happened."""

from collections.abc import Sequence
from datetime import datetime

import frappe
from frappe import _
from frappe.model.document import Document

from trackflow import identity, messages
from trackflow.analytics import labels, one_deal, one_lead, whose
from trackflow.analytics.questions import Question
from trackflow.domain.clicks import Verdict

# As much as a reader looks at; robots can click for ever.
MOST_CLICKS = 2_000
CLICK_FIELDS = (
    "name", "click_timestamp", "visitor_id", "tracked_link", "campaign", "utm_campaign", "utm_source",
    "utm_medium", "variant", "device_type", "browser", "country", "verdict", "verdict_reason", "referrer",
)  # fmt: skip


def rows(question: Question) -> list[dict]:
    """Return what happened, the oldest first: ``at``, ``what``, ``detail``, ``doctype``, ``name`` and more for clicks.

    What a visitor of a lead or deal did also has ``person``: who it was, and how that counts, as the user may know it.

    About one visitor, a lead or a deal. Raises PermissionError for a lead or deal that the user may not read.
    """
    frappe.has_permission("Visitor", "read", throw=True)
    visitors, changes, people = _subject(question)
    found = [*changes, *_clicks(visitors)]
    if visitors:
        found += [*_events(visitors), *_conversions(visitors)]
    found = [
        row | {"person": people.get(row.get("visitor"), whose.NOBODY).text}
        for row in found
        if _is_within(row["at"], question)
    ]
    return sorted(found, key=lambda row: (row["at"], row["what"], row["name"]))


def _subject(question: Question) -> tuple[Sequence[str], list[dict], dict[str, whose.Whose]]:
    """Return the visitors, what happened to the lead or deal itself, and whose the visitors are."""
    if question.deal:
        return _of_deal(one_deal.readable(question.deal))
    if question.lead:
        lead = one_lead.readable(question.lead).name
        visitors = identity.visitors_of_lead(lead)
        changes = _changes("Lead Status Change", "lead_id", "to_status", lead)
        return visitors, changes, whose.of_lead(lead, visitors)
    return ([question.visitor] if question.visitor else []), [], {}


def _of_deal(deal: Document) -> tuple[Sequence[str], list[dict], dict[str, whose.Whose]]:
    visitors = identity.visitors_of_deal(deal.name)
    people = whose.of_deals({deal.name: deal.get("lead")}, visitors)
    changes = _changes("Deal Stage Change", "deal_id", "to_stage", deal.name)
    return visitors, changes, {visitor: found for (_deal, visitor), found in people.items()}


def _is_within(at: datetime, question: Question) -> bool:
    period = question.period
    return not (
        (period.from_date and at.date() < period.from_date) or (period.to_date and at.date() > period.to_date)
    )


def _clicks(visitors: Sequence[str]) -> list[dict]:
    # One visitor at a time, so that MariaDB goes along the index of visitors and not through all clicks by time.
    found = [row for visitor in visitors for row in _latest_clicks(visitor)]
    titles = labels.of_links(row.tracked_link for row in found)
    return [_click(row, titles) for row in found]


def _latest_clicks(visitor: str) -> list[dict]:
    event = frappe.qb.DocType("Click Event")
    # Addresses and user agents are not among the fields.
    query = frappe.qb.from_(event).select(*(event[name] for name in CLICK_FIELDS))
    query = query.where(event.visitor_id == visitor)
    query = query.orderby(event.visitor_id, event.click_timestamp, order=frappe.qb.desc)
    return query.limit(MOST_CLICKS).run(as_dict=True)


def _click(row: dict, titles: dict[str, str]) -> dict:
    is_human = row.verdict == Verdict.HUMAN.value
    return {
        "at": row.click_timestamp,
        "what": _("Click") if is_human else _("Click, not counted"),
        "detail": titles.get(row.tracked_link, row.tracked_link),
        "doctype": "Click Event",
        "name": row.name,
        "tracked_link": row.tracked_link,
        "campaign": row.campaign or row.utm_campaign,
        "source": row.utm_source,
        "medium": row.utm_medium,
        "variant": row.variant,
        "reason": "" if is_human else messages.verdict_reason(row.verdict_reason) or _(row.verdict),
        "visitor": row.visitor_id,
        "device": " · ".join(
            filter(None, (row.device_type and _(row.device_type), row.browser, row.country))
        ),
    }


def _events(visitors: Sequence[str]) -> list[dict]:
    fields = ["name", "timestamp", "event_type", "page_url", "visitor"]
    filters = {"visitor": ("in", list(visitors))}
    found = frappe.get_all("Visitor Event", filters, fields, order_by="timestamp asc, name asc")
    return [
        _happened(row.timestamp, _(row.event_type), row.page_url, "Visitor Event", row.name)
        | {"visitor": row.visitor}
        for row in found
    ]


def _conversions(visitors: Sequence[str]) -> list[dict]:
    fields = ["name", "conversion_date", "conversion_type", "reference_name", "value", "visitor"]
    filters = {"visitor": ("in", list(visitors))}
    found = frappe.get_all("Conversion", filters, fields, order_by="conversion_date asc, name asc")
    return [
        _happened(
            row.conversion_date,
            _("Conversion: {0}").format(_(row.conversion_type)),
            "",
            "Conversion",
            row.name,
        )
        | {"visitor": row.visitor}
        for row in found
    ]


def _changes(doctype: str, reference: str, status: str, name: str) -> list[dict]:
    fields = ["name", "change_date", status]
    found = frappe.get_all(doctype, {reference: name}, fields, order_by="change_date asc, name asc")
    what = _("Stage of the Deal") if doctype == "Deal Stage Change" else _("Status of the Lead")
    return [_happened(row.change_date, what, _(row[status]), doctype, row.name) for row in found]


def _happened(at: datetime, what: str, detail: str | None, doctype: str, name: str) -> dict:
    return {"at": at, "what": what, "detail": detail or "", "doctype": doctype, "name": name}
