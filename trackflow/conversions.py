"""Conversions: the only writer of Conversion, its credits and Link Conversion."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import frappe

from trackflow import counters
from trackflow.attribution import campaign_figures
from trackflow.domain.attribution.channels import Grouping
from trackflow.domain.touchpoints import Touch

DOCTYPE = "Conversion"
_SAID = (
    "name", "visitor", "tracked_link", "conversion_date", "value", "is_counted", "source_campaign", "source_source",
    "source_medium", "attribution_data",
)  # fmt: skip
_TABLES = (("Link Conversion", "conversion"), ("Conversion Credit", "parent"), (DOCTYPE, "name"))


@dataclass(frozen=True)
class Outcome:
    """A visitor converted at ``at`` (site time), once for each type and ``reference``: (DocType, name).

    journey: the touches within the attribution window, oldest first. credited: the one whose source the conversion
    shows. shares: of the touches by name under the default model, else all is credited's. is_counted: whether it
    counts for campaigns. value: in the company's currency.
    """

    conversion_type: str
    visitor_id: str
    at: datetime
    journey: Sequence[Touch]
    credited: Touch
    reference: tuple[str, str]
    value: Decimal = Decimal(0)
    shares: Mapping[str, Fraction] = field(default_factory=dict)
    is_counted: bool = True
    grouping: Grouping = field(default_factory=Grouping)


def record(conversion_type: str, **known: object) -> bool:
    """Record an outcome, or correct what was recorded of it; returns whether there was something to write.

    ``known``: the other fields of ``Outcome``.

    A visitor who is gone leaves no conversion: there is nobody left who converted, and whoever gives credit goes on.
    """
    outcome = Outcome(conversion_type, **known)
    if not frappe.db.exists("Visitor", outcome.visitor_id):
        return False
    values, credits = _values(outcome), _credits(outcome)
    if _is_recorded(outcome, values, credits):
        return False
    campaigns = _delete(_recorded(conversion_type, outcome.reference))
    _insert(outcome, values, credits)
    campaign_figures.refresh(campaigns | {row["campaign"] for row in credits})
    return True


def revoke(conversion_type: str, reference: tuple[str, str], until: datetime | None = None) -> None:
    """Take back what was recorded of an outcome (up to ``until``)."""
    campaign_figures.refresh(_delete(_recorded(conversion_type, reference, until)))


def move(conversion_type: str, reference: tuple[str, str], new: str) -> None:
    """Let what was recorded under ``reference`` follow to the name ``new``; of several conversions the oldest remains."""
    for name in _recorded(conversion_type, reference):
        frappe.db.set_value(DOCTYPE, name, "reference_name", new, update_modified=False)
    campaign_figures.refresh(_delete(_recorded(conversion_type, (reference[0], new))[1:]))


def is_recorded(conversion_type: str, reference: tuple[str, str]) -> bool:
    return bool(_recorded(conversion_type, reference))


def _recorded(conversion_type: str, reference: tuple[str, str], until: datetime | None = None) -> list[str]:
    """Return the names, the oldest first. Not by the name that it got: the reference may have been renamed."""
    filters = {
        "conversion_type": conversion_type,
        "reference_doctype": reference[0],
        "reference_name": reference[1],
    }
    if until:
        filters["creation"] = ("<=", until)
    return frappe.get_all(DOCTYPE, filters, pluck="name", order_by="creation asc, name asc")


def _is_recorded(outcome: Outcome, values: dict, credits: list[dict]) -> bool:
    """Say whether an outcome is recorded just so."""
    names = _recorded(outcome.conversion_type, outcome.reference)
    if len(names) != 1:
        return False
    said = frappe.db.get_value(DOCTYPE, names[0], _SAID, as_dict=True)
    rows = frappe.get_all(
        "Conversion Credit", {"parent": names[0]}, ["campaign", "weight", "channel"], order_by="idx asc"
    )
    return all((said[name] or "") == (values[name] or "") for name in values if name in said) and [
        (row.campaign or "", round(row.weight, 6), row.channel or "") for row in rows
    ] == [(row["campaign"], round(row["weight"], 6), row["channel"]) for row in credits]


def _values(outcome: Outcome) -> dict:
    return {
        "visitor": outcome.visitor_id,
        "tracked_link": next((touch.link for touch in reversed(outcome.journey) if touch.link), None),
        "conversion_date": outcome.at,
        "value": float(outcome.value),
        "is_counted": int(outcome.is_counted),
        "source_campaign": outcome.credited.campaign,
        "source_source": outcome.credited.source,
        "source_medium": outcome.credited.medium,
        "attribution_data": frappe.as_json([asdict(touch) for touch in outcome.journey]),
    }


def _credits(outcome: Outcome) -> list[dict]:
    shares = outcome.shares or {outcome.credited.name: Fraction(1)}
    return [
        {
            "touch_time": touch.at,
            "campaign": touch.campaign,
            "tracked_link": touch.link,
            "weight": float(shares[touch.name] * 100),
            "source": touch.source,
            "medium": touch.medium,
            "channel": outcome.grouping.channel_of(touch),
            "variant": touch.variant,
            "visitor_id": touch.visitor_id,
        }
        for touch in outcome.journey
        if shares.get(touch.name)
    ]


def _insert(outcome: Outcome, values: dict, credits: list[dict]) -> None:
    conversion = frappe.get_doc(
        doctype=DOCTYPE,
        conversion_type=outcome.conversion_type,
        reference_doctype=outcome.reference[0],
        reference_name=outcome.reference[1],
        credits=credits,
        **values,
    )
    # Runs in background jobs on behalf of visitors, who have no rights of their own.
    conversion.insert(ignore_permissions=True, ignore_links=True, set_name=_free_name(outcome))
    last_clicks = {touch.link: touch for touch in outcome.journey if touch.link and touch.click_event}
    for touch in last_clicks.values():
        _insert_link_conversion(conversion, touch)
    links = [(touch.link, touch.variant) for touch in last_clicks.values()]
    counters.count_conversion(outcome.visitor_id, links, [row["campaign"] for row in credits])


def _insert_link_conversion(conversion: "frappe.model.document.Document", touch: Touch) -> None:
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
    ).insert(ignore_permissions=True, ignore_links=True, set_name=_name(conversion.name, touch.link))


def _delete(names: Sequence[str]) -> set[str]:
    """Delete conversions and take them from the counts; returns the campaigns that had a part in them."""
    if not names:
        return set()
    campaigns = set(frappe.get_all("Conversion Credit", {"parent": ("in", names)}, pluck="campaign"))
    counted = [(frappe.db.get_value(DOCTYPE, name, "visitor"), _links_of(name)) for name in names]
    for doctype, fieldname in _TABLES:
        frappe.db.delete(doctype, {fieldname: ("in", names)})
    for visitor, links in counted:
        counters.count_conversion(visitor, links, campaigns, -1)
    return campaigns - {None, ""}


def _links_of(name: str) -> list[tuple[str, str]]:
    """Return the (link, variant) pairs that a conversion counts for."""
    touches = frappe.parse_json(frappe.db.get_value(DOCTYPE, name, "attribution_data") or "[]")
    return list(
        {
            touch["link"]: (touch["link"], touch.get("variant") or "")
            for touch in touches
            if touch.get("link")
        }.values()
    )


def _free_name(outcome: Outcome) -> str:
    """The same outcome has the same name, so that the primary key keeps two jobs from recording it twice.

    Unless one that was renamed since has it.
    """
    name = _name(outcome.conversion_type, *outcome.reference)
    return frappe.generate_hash(length=20) if frappe.db.exists(DOCTYPE, name) else name


def _name(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
