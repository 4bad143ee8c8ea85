"""One row per status that a lead or deal was in."""

from datetime import datetime, timedelta

import frappe
from frappe.model.document import Document
from frappe.utils import get_datetime


class CRMStatusChangeLog(Document):
    """One row per status that a lead or deal was in; the last row is open."""


def add_status_change_log(doc: Document) -> None:
    """Close the open row of a lead or deal whose status changed, and open one for its new status."""
    now = datetime.now()
    if not doc.is_new():
        _open_missing_row(doc, now)
        if doc.status_change_log:
            _close(doc.status_change_log[-1], doc.status, now)
    _open(doc, doc.status, now)


def _open_missing_row(doc: Document, now: datetime) -> None:
    """A document from before the log starts with its previous status, as if a minute old."""
    previous = doc.get_doc_before_save()
    if not doc.status_change_log and previous and previous.status:
        _open(doc, previous.status, now - timedelta(minutes=1))


def _open(doc: Document, status: str, since: datetime) -> None:
    row = {"from": status, "to": "", "from_date": since, "to_date": "", "log_owner": frappe.session.user}
    doc.append("status_change_log", row)


def _close(row: Document, status: str, now: datetime) -> None:
    seconds = (now - get_datetime(row.from_date)).total_seconds()
    row.update({"to": status, "to_date": now, "duration": seconds, "log_owner": frappe.session.user})
