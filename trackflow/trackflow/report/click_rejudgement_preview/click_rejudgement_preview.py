"""What judging past clicks again would change, before anybody does it."""

from itertools import islice

import frappe
from frappe import _
from frappe.utils import getdate

from trackflow import messages
from trackflow.analytics.layout import column
from trackflow.analytics.refusals import answered_at_once
from trackflow.corrections import rejudge
from trackflow.domain.clicks import Ruling
from trackflow.domain.rejudgement import Change

MOST_ROWS = 5_000


@answered_at_once
def execute(filters: dict | None = None) -> tuple[list[dict], list[list], str | None]:
    """Return columns, a row for each click that would get another verdict, and a message if there are too many."""
    filters = frappe._dict(filters or {})
    if not (filters.from_date and filters.to_date):
        frappe.throw(_("Choose the days of the clicks."))
    span = rejudge.Span(getdate(filters.from_date), getdate(filters.to_date), filters.tracked_link or "")
    rows = [_row(change) for change in islice(rejudge.preview(span), MOST_ROWS)]
    return _columns(), rows, _message(len(rows))


def _row(change: Change) -> list:
    one, ruling = change
    click = one.click
    return [
        click.name, click.at, click.link, click.campaign, *_told(one.ruling), *_told(ruling),
    ]  # fmt: skip


def _told(ruling: Ruling) -> tuple[str, str]:
    return _(ruling.verdict.value), messages.verdict_reason(ruling.reason)


def _message(number: int) -> str | None:
    if number < MOST_ROWS:
        return None
    return _("More than {0} clicks would get another verdict; these are the first.").format(MOST_ROWS)


def _columns() -> list[dict]:
    return [
        column("click_event", _("Click"), "Link", 130, "Click Event"),
        column("click_timestamp", _("Click Timestamp"), "Datetime", 170),
        column("tracked_link", _("Tracked Link"), "Link", 120, "Tracked Link"),
        column("campaign", _("Campaign"), "Link", 140, "Link Campaign"),
        column("old_verdict", _("Verdict Now"), "Data", 110),
        column("old_reason", _("Reason Now"), "Data", 220),
        column("new_verdict", _("Would Be"), "Data", 110),
        column("new_reason", _("Reason"), "Data", 260),
    ]
