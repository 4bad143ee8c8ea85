"""What credit is due: the only writer of Credit Request.

A request is written in the transaction that makes it necessary, and goes when it is done; so it survives a lost job,
tells what is being recomputed, and what failed is tried again from it.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import frappe
from frappe.utils import now_datetime

from trackflow import jobs

DOCTYPE = "Credit Request"
LEAD, DEAL = "CRM Lead", "CRM Deal"
METHOD = "trackflow.credit.work_off"
# Why a closed deal's journey is read anew; the later one in the alphabet asks for more.
CLICKS, PEOPLE = "Clicks", "People"
# A job that was asked for this long ago was lost.
LOST_AFTER = timedelta(minutes=5)
# What fails for so long is listed, and not tried any more until somebody changes something.
TRIED_FOR = timedelta(days=7)
MESSAGE_LENGTH = 1000

_COLUMNS = (
    "name", "creation", "modified", "owner", "modified_by", "reference_doctype", "reference_name", "requested_at",
    "token", "reread", "formerly", "deleted_at", "page_url", "failures",
)  # fmt: skip
_UPSERT = (
    "INSERT INTO `tabCredit Request` ({}) VALUES ({}) ON DUPLICATE KEY UPDATE modified = VALUES(modified),"
    " requested_at = VALUES(requested_at), token = VALUES(token), reread = GREATEST(COALESCE(reread, ''), VALUES(reread)),"
    " formerly = COALESCE(formerly, VALUES(formerly)), deleted_at = COALESCE(VALUES(deleted_at), deleted_at),"
    " page_url = COALESCE(VALUES(page_url), page_url), failures = 0, failed_at = NULL, error_message = NULL"
).format(", ".join(_COLUMNS), ", ".join(["%s"] * len(_COLUMNS)))
_FAILED = "UPDATE `tabCredit Request` SET failures = failures + 1, failed_at = %s, error_message = %s WHERE name = %s"


@dataclass(frozen=True)
class Request:
    """Credit that is due for a document, or None as ``token`` where nobody asked.

    reread: why the journey of a closed deal is to be read anew, "" if it is not. formerly: the document's former
    name. deleted_at: what stands under the name from before is to go. page_url: of the form that made a lead.
    """

    doctype: str
    name: str
    token: str | None = None
    reread: str = ""
    formerly: str | None = None
    deleted_at: datetime | None = None
    page_url: str = ""


def request(
    doctype: str,
    name: str,
    *,
    reread: str = "",
    formerly: str | None = None,
    deleted: bool = False,
    page_url: str = "",
) -> None:
    """Ask for the credit of a lead or deal, or of the deals of a contact or organization, after the commit."""
    # Even where the request can't be written, the job will run.
    jobs.enqueue_after_commit(METHOD, doctype=doctype, name=name)
    now, user = now_datetime(), frappe.session.user
    token, deleted_at = frappe.generate_hash(length=10), now if deleted else None
    frappe.db.sql(
        _UPSERT,
        (
            _key(doctype, name), now, now, user, user, doctype, name, now,
            token, reread, formerly, deleted_at, page_url[:2048] or None, 0,
        ),
    )  # fmt: skip


def find(doctype: str, name: str) -> Request:
    """Return what is due for a document."""
    fields = ["token", "reread", "formerly", "deleted_at", "page_url"]
    row = frappe.db.get_value(DOCTYPE, _key(doctype, name), fields, as_dict=True)
    if not row:
        return Request(doctype, name)
    return Request(
        doctype, name, row.token, row.reread or "", row.formerly, row.deleted_at, row.page_url or ""
    )


def settle(done: Request) -> bool:
    """Note that a request has been worked off; returns whether there is another one by now."""
    key = _key(done.doctype, done.name)
    if done.token:
        frappe.db.delete(DOCTYPE, {"name": key, "token": done.token})
    frappe.db.commit()
    return bool(frappe.db.get_value(DOCTYPE, key, "token"))


def fail(failed: Request, error: Exception) -> None:
    """Note that a request could not be worked off: it is tried again hourly."""
    if not failed.token and not frappe.db.exists(DOCTYPE, _key(failed.doctype, failed.name)):
        request(failed.doctype, failed.name)
    message = f"{type(error).__name__}: {error}"[:MESSAGE_LENGTH]
    frappe.db.sql(_FAILED, (now_datetime(), message, _key(failed.doctype, failed.name)))


def retry(names: Collection[str] = ()) -> int:
    """Ask anew for what failed, all of it or that of these names, so that it is tried at once; return how much."""
    which = {"failures": (">", 0)} | ({"name": ("in", list(names))} if names else {})
    rows = frappe.get_all(DOCTYPE, which, ["reference_doctype", "reference_name"], order_by="name asc")
    for row in rows:
        request(row.reference_doctype, row.reference_name)
    return len(rows)


def heir(doctype: str, name: str) -> str | None:
    """Return the new name of a document that was renamed or merged, while what hangs on the old is still to follow."""
    return frappe.db.get_value(DOCTYPE, {"reference_doctype": doctype, "formerly": name}, "reference_name")


def overdue() -> Iterator[tuple[str, str]]:
    """Yield (DocType, name) of requests whose jobs were lost or failed."""
    now = now_datetime()
    rows = frappe.get_all(
        DOCTYPE,
        {"token": ("is", "set"), "requested_at": ("between", (now - TRIED_FOR, now - LOST_AFTER))},
        ["reference_doctype", "reference_name"],
        order_by="requested_at asc, name asc",
    )
    rows += frappe.get_all(
        DOCTYPE,
        {"token": ("is", "set"), "requested_at": (">", now - LOST_AFTER), "failures": (">", 0)},
        ["reference_doctype", "reference_name"],
        order_by="requested_at asc, name asc",
    )
    yield from ((row.reference_doctype, row.reference_name) for row in rows)


def state(doctype: str, name: str) -> dict | None:
    """Return ``requested_at``, ``failed_at`` and ``error_message`` of what is due for a document, None if nothing is."""
    fields = ["requested_at", "failed_at", "error_message"]
    return frappe.db.get_value(DOCTYPE, _key(doctype, name), fields, as_dict=True)


def states(doctype: str) -> dict[str, bool]:
    """Return {name: whether it failed} of the documents of ``doctype`` for which something is due."""
    rows = frappe.get_all(DOCTYPE, {"reference_doctype": doctype}, ["reference_name", "failures"])
    return {row.reference_name: bool(row.failures) for row in rows}


def _key(doctype: str, name: str) -> str:
    return hashlib.sha256(f"{doctype}\n{name}".encode()).hexdigest()[:20]
