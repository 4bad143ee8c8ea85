"""What leads and deals show of their journeys: the touch that the default model names, and when it all began."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

import frappe
from frappe.query_builder.functions import Max, Min

from trackflow import settings
from trackflow.attribution import models
from trackflow.domain.attribution import Milestones, Model, weights
from trackflow.domain.attribution.channels import Grouping
from trackflow.domain.touchpoints import Touch


def days() -> int:
    """Return the window of what leads and deals show: that of the default model."""
    return models.window_days(settings.default_model())


def credited_touch(touches: Sequence[Touch], at: datetime) -> Touch:
    """Return the touch that stands for a journey: the first under First Touch, else the last."""
    chosen = frappe.get_cached_value("Attribution Model", settings.default_model(), "model_type")
    rule = Model("First Touch" if chosen == "First Touch" else "Last Touch")
    return touches[weights(rule, touches, at).index(1)]


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
        # The visitors may be gone, and their clicks still there.
        "trackflow_first_touch_date": first_seen or touches[0].at,
        # Somebody who came back after the outcome was last seen before it at the last touch that counts.
        "trackflow_last_touch_date": last_seen if last_seen and last_seen <= until else touches[-1].at,
        "trackflow_touch_count": len(touches),
    }
