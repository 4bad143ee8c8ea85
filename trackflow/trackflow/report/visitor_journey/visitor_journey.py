"""Visitor Journey: what the visitors of a lead or deal did, click by click."""

from frappe import _

from trackflow.analytics import timeline
from trackflow.analytics.layout import Column, Report, card, column
from trackflow.analytics.questions import Question, ask
from trackflow.analytics.refusals import answered_at_once


@answered_at_once
def execute(filters: dict | None = None) -> Report:
    """Return columns, rows, message, chart and summary. Raises as ``ask`` and ``timeline.rows`` do."""
    question = ask(filters)
    if not (question.deal or question.lead or question.visitor):
        return _columns(), [], _("Choose a visitor, a lead or a deal."), None, []
    rows = timeline.rows(question)
    return _columns(), rows, _message(question, rows), None, _summary(rows)


def _message(question: Question, rows: list[dict]) -> str | None:
    if rows:
        return None
    if question.lead or question.deal:
        return _(
            "No visitor is known for it: it was typed in, or came from a browser that had followed no link."
        )
    return _("Nothing is known of this visitor in these days.")


def _columns() -> list[Column]:
    return [
        column("at", _("Time"), "Datetime", 160),
        column("what", _("What Happened"), width=170),
        column("detail", _("Link, Page or Status"), width=220),
        column("campaign", _("Campaign"), width=160),
        column("source", _("Source"), width=120),
        column("medium", _("Medium"), width=100),
        column("variant", _("Variant"), width=90),
        column("device", _("Device"), width=200),
        column("reason", _("Why Not Counted"), width=180),
        column("visitor", _("Visitor"), "Link", 150, "Visitor"),
        column("person", _("Person"), width=200),
        column("name", _("Record"), "Dynamic Link", 150, "doctype"),
    ]


def _summary(rows: list[dict]) -> list[dict]:
    if not rows:
        return []
    clicks = [row for row in rows if row["doctype"] == "Click Event"]
    counted = [row for row in clicks if not row["reason"]]
    visitors = {row["visitor"] for row in rows if row.get("visitor")}
    return [
        card(_("Visitors"), len(visitors)),
        card(_("Clicks"), len(counted)),
        card(_("Not Counted"), len(clicks) - len(counted)),
        card(_("Days from First to Last"), (rows[-1]["at"].date() - rows[0]["at"].date()).days),
    ]
