"""What leads and deals show of their journeys: the touch that the default model names, and when it all began."""

from collections.abc import Collection, Sequence
from datetime import datetime
from fractions import Fraction

import frappe
from frappe import _
from frappe.query_builder.functions import Max, Min
from frappe.utils import escape_html, format_datetime

from trackflow import settings
from trackflow.attribution import models
from trackflow.domain.attribution import Milestones, Model, weights
from trackflow.domain.attribution.channels import Grouping
from trackflow.domain.touchpoints import Touch
from trackflow.setup.custom_fields import COMMENT_BY, fieldnames

_FIRST_TOUCH = ("trackflow_first_touch_date", "trackflow_first_touch_source")
_NUMBERS = ("trackflow_touch_count", "trackflow_marketing_influenced")


def days() -> int:
    """Return the window of what leads and deals show: that of the default model."""
    return models.window_days(settings.default_model())


def credited_touch(touches: Sequence[Touch], at: datetime) -> Touch:
    """Return the touch that stands for a journey: the first under First Touch, else the last."""
    chosen = frappe.get_cached_value("Attribution Model", settings.default_model(), "model_type")
    rule = Model("First Touch" if chosen == "First Touch" else "Last Touch")
    return touches[weights(rule, touches, at).index(1)]


def visitor(credited: Touch, touches: Sequence[Touch]) -> str:
    """Return whose the credited touch was; if it was an email or offline, the last visitor before the outcome."""
    known = [touch.visitor_id for touch in touches if touch.visitor_id]
    return credited.visitor_id or (known[-1] if known else "")


def shares(touches: Sequence[Touch], at: datetime, milestones: Milestones) -> dict[str, Fraction]:
    """Return the shares of ``touches`` by name under the default model, {} if it has nothing to go by yet."""
    model = models.load(settings.default_model())
    if not model:
        return {}
    found = weights(model, touches, at, milestones)
    return dict(zip((touch.name for touch in touches), found, strict=True))


def grouping() -> Grouping:
    """Return how the default model tells channels apart."""
    model = models.load(settings.default_model())
    return model.grouping if model else Grouping()


def values(touches: Sequence[Touch], credited: Touch, until: datetime) -> dict:
    """Return the trackflow_ fields that leads and deals have in common."""
    # Not get_all: Frappe v15 takes a field with "_seen" in its name for the optional column of that name.
    visitor = frappe.qb.DocType("Visitor")
    query = frappe.qb.from_(visitor).select(Min(visitor.first_seen), Max(visitor.last_seen))
    ((first_seen, last_seen),) = query.where(visitor.name.isin([touch.visitor_id for touch in touches])).run()
    return {
        "trackflow_source": credited.source,
        "trackflow_medium": credited.medium,
        "trackflow_campaign": credited.campaign,
        # The visitors may be gone and their clicks still there; and not every touch is a visitor's.
        "trackflow_first_touch_date": min(filter(None, (first_seen, touches[0].at))),
        # Somebody who came back after the outcome was last seen before it at the last touch that counts.
        "trackflow_last_touch_date": last_seen if last_seen and last_seen <= until else touches[-1].at,
        "trackflow_touch_count": len(touches),
    }


def keeping_first(doctype: str, doc: dict, values: dict) -> dict:
    """Return ``values`` with the first touch that ``doc`` shows, unless an earlier one has come to light."""
    known, found = doc.trackflow_first_touch_date, values["trackflow_first_touch_date"]
    if known and found < known:
        text = _("An earlier touch came to light: the first touch was on {0}, not on {1}.")
        tell(doctype, doc.name, text.format(format_datetime(found), format_datetime(known)))
    if not known or found < known:
        return values
    return values | {name: doc.get(name) for name in _FIRST_TOUCH if doc.get(name) is not None}


def forget(doctype: str, names: Collection[str]) -> None:
    """Empty what leads or deals show of their touches, the first one included: a visitor turned out to be another."""
    shown = [name for name in fieldnames(doctype) if name != "trackflow_visitor_id"]
    empty = {name: 0 if name in _NUMBERS else None for name in shown}
    if names:
        frappe.db.set_value(doctype, {"name": ("in", list(names))}, empty, update_modified=False)


def tell(doctype: str, name: str, text: str) -> None:
    """Put ``text`` into the timeline of a lead or deal, in TrackFlow's name: so uninstalling finds it again."""
    frappe.get_doc(doctype, name).add_comment("Info", escape_html(text), comment_by=COMMENT_BY)
