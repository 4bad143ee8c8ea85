"""Deal Attribution: which touches earned each deal, under one model."""

from frappe import _

from trackflow.analytics import deals
from trackflow.analytics.layout import Column, Report, bars, card, column, total, translated
from trackflow.analytics.questions import ask
from trackflow.analytics.refusals import answered_at_once


@answered_at_once
def execute(filters: dict | None = None) -> Report:
    """Return columns, rows, message, chart and summary. Raises as ``ask`` does.

    Deals that the user may not read are not there, nor in the sums.
    """
    question = ask(filters)
    rows = translated(deals.rows(question), "status", "channel")
    return _columns(), rows, _message(question.model, rows), _chart(rows), _summary(rows)


def _message(model: str, rows: list[dict]) -> str | None:
    if not deals.may_read():
        return _("You may not read deals. Ask an administrator for the role Sales User to see them here.")
    return _("Credit as {0} gives it. Open a deal to see its touches.").format(_(model)) if rows else None


def _columns() -> list[Column]:
    return [
        column("title", _("Deal or Touch"), width=230),
        column("deal", _("Deal"), "Link", 160, "CRM Deal"),
        column("status", _("Status"), width=110),
        column("closed_at", _("Closed"), "Datetime", 150),
        column("value", _("Value"), "Currency", 120),
        column("touches", _("Touches"), "Int", 80),
        column("touch_time", _("Time of Touch"), "Datetime", 150),
        column("campaign", _("Campaign"), "Link", 150, "Link Campaign"),
        column("channel", _("Channel"), width=120),
        column("source", _("Source"), width=110),
        column("medium", _("Medium"), width=100),
        column("variant", _("Variant"), width=90),
        column("person", _("Person"), width=200),
        column("weight", _("Weight"), "Percent", 90),
        column("amount", _("Credit"), "Currency", 120),
        column("first_touch_campaign", _("Campaign of First Touch"), width=170),
        column("last_touch_campaign", _("Campaign of Last Touch"), width=170),
    ]


def _of_deals(rows: list[dict]) -> list[dict]:
    return [row for row in rows if not row["indent"]]


def _chart(rows: list[dict]) -> dict | None:
    found = _of_deals(rows)
    return bars([row["title"] for row in found], {_("Credit"): [row["amount"] for row in found]}, money=True)


def _summary(rows: list[dict]) -> list[dict]:
    found = _of_deals(rows)
    if not found:
        return []
    return [
        card(_("Deals"), len(found)),
        card(_("Won"), sum(row["is_won"] for row in found)),
        card(_("Value"), total(found, "value"), "Currency"),
        card(_("Credit"), total(found, "amount"), "Currency"),
    ]
