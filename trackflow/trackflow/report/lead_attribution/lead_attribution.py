"""Lead Attribution: where each lead came from, and what it became."""

from collections import Counter

from frappe import _

from trackflow.analytics import deals, leads
from trackflow.analytics.layout import Column, Report, bars, card, column, number, total, translated
from trackflow.analytics.questions import ask
from trackflow.analytics.refusals import answered_at_once


@answered_at_once
def execute(filters: dict | None = None) -> Report:
    """Return columns, rows, message, chart and summary. Raises as ``ask`` does.

    Leads that the user may not read are not there, nor in the sums; who may read no deals is not told of what they are worth.
    """
    rows, unknown = leads.rows(ask(filters))
    rows = translated(rows, "status")
    return _columns(), rows, _message(unknown), _chart(rows), _summary(rows, unknown)


def _message(unknown: int) -> str | None:
    if not leads.may_read():
        return _("You may not read leads. Ask an administrator for the role Sales User to see them here.")
    if unknown:
        return _("{0} more leads of these days have no touch: nobody knows where they came from.").format(
            unknown
        )
    return None


def _columns() -> list[Column]:
    worth = [column("won_value", _("Won Value"), "Currency", 120)] if deals.may_read() else []
    return [
        column("lead_name", _("Name"), width=170),
        column("lead", _("Lead"), "Link", 150, "CRM Lead"),
        column("status", _("Status"), width=100),
        column("creation", _("Created"), "Datetime", 150),
        column("source", _("Source"), width=120),
        column("medium", _("Medium"), width=100),
        column("campaign", _("Campaign"), width=160),
        column("touches", _("Touches"), "Int", 80),
        column("first_touch", _("First Touch"), "Datetime", 150),
        column("last_touch", _("Last Touch"), "Datetime", 150),
        column("days", _("Days from First Touch"), "Float", 150, precision=1, disable_total=1),
        *worth,
    ]


def _chart(rows: list[dict]) -> dict | None:
    counted = Counter(row["campaign"] or row["source"] or "" for row in rows).most_common()
    return bars([name for name, _leads in counted], {_("Leads"): [found for _name, found in counted]})


def _summary(rows: list[dict], unknown: int) -> list[dict]:
    if not rows:
        return []
    worth = [card(_("Won Value"), total(rows, "won_value"), "Currency")] if deals.may_read() else []
    return [
        card(_("Leads of Known Origin"), len(rows)),
        card(_("Others"), unknown),
        card(_("Touches per Lead"), number(total(rows, "touches") / len(rows), 1), "Data"),
        *worth,
    ]
