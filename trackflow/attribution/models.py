"""Attribution Models as the domain takes them: each with its own parameters, else the settings', else the usual ones."""

from fractions import Fraction

import frappe
from frappe.model.document import Document
from frappe.utils import cint, cstr, flt

from trackflow import settings
from trackflow.domain.attribution import DATA_DRIVEN, Model, channels, custom
from trackflow.domain.attribution.models import CHANNEL, Custom

DOCTYPE = "Attribution Model"
MILESTONES = (
    "milestone_first_weight", "milestone_lead_weight", "milestone_deal_weight", "milestone_won_weight",
)  # fmt: skip


def active() -> list[str]:
    """Return the names of the models that give credit to deals."""
    return frappe.get_all(DOCTYPE, {"is_active": 1}, pluck="name", order_by="name asc")


def load(name: str) -> Model | None:
    """Return the model, or None for a data-driven one that has found nothing to go by yet."""
    doc = frappe.get_cached_doc(DOCTYPE, name)
    if doc.model_type in DATA_DRIVEN and not doc.results:
        return None
    return record(doc)


def record(doc: Document) -> Model:
    """Return the model as the document stands. Raises Refused for rules that can't be understood."""
    general = settings.attribution_parameters()

    def parameter(fieldname: str, usual: int) -> float:
        return flt(doc.get(fieldname) or general.get(fieldname) or usual)

    return Model(
        doc.model_type,
        half_life_days=cint(parameter("time_decay_half_life_days", 7)),
        first_weight=Fraction(str(parameter("position_based_first_weight", 40))),
        last_weight=Fraction(str(parameter("position_based_last_weight", 40))),
        milestone_weights=milestone_weights(doc),
        grouping=grouping(doc),
        custom=custom_rules(doc),
        states=doc.states or CHANNEL,
        effects=_effects(doc),
    )


def milestone_weights(doc: Document) -> tuple[Fraction, ...]:
    """Return the percentages of the four milestones, () if none is filled in."""
    parts = tuple(Fraction(str(flt(doc.get(name)))) for name in MILESTONES)
    return parts if any(parts) else ()


def grouping(doc: Document) -> channels.Grouping:
    """Return the model's channel rules in the order in which they are asked."""
    rows = sorted(doc.channel_rules, key=lambda row: (cint(row.priority), cint(row.idx)))
    return channels.Grouping(tuple(_rule(row) for row in rows))


def custom_rules(doc: Document) -> Custom:
    return custom.parse(frappe.parse_json(doc.custom_rules)) if doc.model_type == "Custom" else Custom()


def window_days(name: str) -> int:
    """Return how many days before the outcome touches count for the model ``name``."""
    own = cint(frappe.get_cached_value(DOCTYPE, name, "lookback_window_days"))
    return own or settings.attribution_window_days()


def longest_days() -> int:
    """Return the longest window of all: touches before it count for no model."""
    own = frappe.get_all(DOCTYPE, {"is_active": 1}, pluck="lookback_window_days", order_by="name asc")
    return max(settings.attribution_window_days(), window_days(settings.default_model()), *map(cint, own), 0)


def _rule(row: Document) -> channels.ChannelRule:
    return channels.ChannelRule(
        channel=cstr(row.channel_name).strip(),
        conditions=channels.parse_conditions(cstr(row.match_conditions)),
        weight=custom.weight(flt(row.weight), cstr(row.channel_name)),
    )


def _effects(doc: Document) -> dict[str, Fraction]:
    found = frappe.parse_json(doc.results) if doc.results else []
    return {row["state"]: Fraction(str(row["share"])) for row in found}
