"""What somebody asks in a report: the filters, checked."""

from dataclasses import dataclass, field

import frappe

from trackflow import settings
from trackflow.analytics import access, credit, periods
from trackflow.analytics.periods import Period


@dataclass(frozen=True)
class Question:
    """period: the days. model: the Attribution Model. deals: ``credit.WON`` or ``credit.ALL``. more: other filters."""

    period: Period
    model: str
    deals: str = credit.WON
    more: dict = field(default_factory=dict)

    def __getattr__(self, name: str) -> str:
        """Return another filter, "" where nothing was chosen."""
        return self.more.get(name) or ""


def ask(filters: dict | None) -> Question:
    """Return the question that ``filters`` of a report put.

    Raises PermissionError for those who may not see sums, or not the campaign or link that they ask about,
    ValidationError for a model or days that can't be.
    """
    access.check()
    given = frappe._dict(filters or {})
    access.check_named(given)
    question = Question(
        period=periods.parse(given.pop("from_date", None), given.pop("to_date", None)),
        model=given.pop("attribution_model", None) or settings.default_model(),
        deals=given.pop("deals", None) or credit.WON,
        more=given,
    )
    credit.check(question.model, "campaign", question.deals)
    return question
