"""The dashboard page: its figures in one answer, and what is happening now in another."""

import frappe

from trackflow.analytics import access, audience, dashboard
from trackflow.analytics.questions import ask


@frappe.whitelist(methods=["GET", "POST"])
def figures(
    from_date: str | None = None,
    to_date: str | None = None,
    campaign: str | None = None,
    source: str | None = None,
    medium: str | None = None,
    channel: str | None = None,
    attribution_model: str | None = None,
) -> dict:
    """Return the figures of a period as ``dashboard.figures`` has them, and the ``model`` used.

    Raises PermissionError for those who may not see sums, ValidationError for days or a model that can't be.
    """
    filters = {
        "from_date": from_date,
        "to_date": to_date,
        "campaign": campaign,
        "source": source,
        "medium": medium,
        "channel": channel,
        "attribution_model": attribution_model,
    }
    question = ask({name: value for name, value in filters.items() if value})
    return dashboard.figures(question) | {"model": question.model}


@frappe.whitelist(methods=["GET", "POST"])
def now() -> dict:
    """Return what happened in the last 30 minutes, see ``audience.now``. Raises PermissionError as ``figures`` does."""
    access.check()
    return audience.now()
