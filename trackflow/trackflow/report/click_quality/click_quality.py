"""Click Quality: which requests counted, which did not, and why."""

from frappe import _
from frappe.utils import formatdate

from trackflow import messages
from trackflow.analytics import quality
from trackflow.analytics.layout import Column, Report, card, column, lines, rate, total
from trackflow.analytics.questions import ask
from trackflow.analytics.refusals import answered_at_once


@answered_at_once
def execute(filters: dict | None = None) -> Report:
    """Return columns, rows, message, chart and summary. Raises as ``ask`` does."""
    question = ask(filters)
    days = quality.by_day(question)
    rows = quality.rows(question, days)
    return _columns(), [_told(row) for row in rows], None, _chart(days), _summary(rows)


def _told(row: dict) -> dict:
    """Return a row in the user's language, with what is stored as ``key`` for the list of the events."""
    reason = (
        messages.verdict_reason(row["reason"])
        if row["is_kept"]
        else _("not known any more: the events were deleted")
    )
    verdict = row["verdict"]
    key = {"verdict": verdict, "verdict_reason": row["reason"]}
    return row | {"verdict": _(verdict), "reason": reason, "key": key}


def _columns() -> list[Column]:
    return [
        column("verdict", _("Verdict"), width=120),
        column("reason", _("Reason"), width=380),
        column("counts", _("Counts"), "Check", 80, disable_total=1),
        column("requests", _("Requests"), "Int", 110),
        rate("share", _("Share of All"), 120),
    ]


def _chart(days: quality.Days) -> dict | None:
    human = [numbers["human"] for numbers in days.values()]
    others = [sum(numbers.values()) - numbers["human"] for numbers in days.values()]
    return lines([formatdate(day) for day in days], {_("Counted"): human, _("Not Counted"): others})


def _summary(rows: list[dict]) -> list[dict]:
    requests = total(rows, "requests")
    if not requests:
        return []
    human = total([row for row in rows if row["counts"]], "requests")
    robots = total([row for row in rows if row["verdict"] == "bot"], "requests")
    return [
        card(_("Requests"), requests),
        card(_("Counted"), human),
        card(_("Human Share"), 100 * human / requests, "Percent"),
        card(_("Robots"), robots),
    ]
