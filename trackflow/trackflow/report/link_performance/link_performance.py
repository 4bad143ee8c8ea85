"""Link Performance: what each link brought in a period."""

from frappe import _

from trackflow.analytics import links
from trackflow.analytics.layout import Column, Report, bars, card, column, total, translated
from trackflow.analytics.questions import ask
from trackflow.analytics.refusals import answered_at_once


@answered_at_once
def execute(filters: dict | None = None) -> Report:
    """Return columns, rows, message, chart and summary. Raises as ``ask`` does."""
    question = ask(filters)
    rows = translated(links.rows(question), "status")
    message = _("Deals and won value as {0} credits them.").format(_(question.model)) if rows else None
    return _columns(), rows, message, _chart(rows), _summary(rows)


def _columns() -> list[Column]:
    return [
        column("title", _("Title"), width=220),
        column("short_code", _("Short Code"), width=110),
        column("campaign", _("Campaign"), "Link", 160, "Link Campaign"),
        column("status", _("Status"), width=90),
        column("clicks", _("Clicks"), "Int", 90),
        column("visitors", _("New Visitors"), "Int", 110),
        column("left_out", _("Not Counted"), "Int", 110),
        column("conversions", _("Conversions"), "Int", 110),
        column("deals", _("Deals"), "Float", 90, precision=2),
        column("amount", _("Won Value"), "Currency", 130),
        column("last_click", _("Last Click"), "Datetime", 160),
        column("tracked_link", _("Tracked Link"), "Link", 120, "Tracked Link"),
    ]


def _chart(rows: list[dict]) -> dict | None:
    busiest = sorted(rows, key=lambda row: -row["clicks"])
    return bars([row["title"] for row in busiest], {_("Clicks"): [row["clicks"] for row in busiest]})


def _summary(rows: list[dict]) -> list[dict]:
    if not rows:
        return []
    return [
        card(_("Clicks"), total(rows, "clicks")),
        card(_("Not Counted"), total(rows, "left_out")),
        card(_("Conversions"), total(rows, "conversions")),
        card(_("Won Value"), total(rows, "amount"), "Currency"),
    ]
