"""What the events of leads and deals have in common."""

import functools
from collections.abc import Callable, Iterable
from datetime import datetime

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime

from trackflow import jobs
from trackflow.attribution import requests

Handler = Callable[..., None]


def quiet(handler: Handler) -> Handler:
    """Keep a failure of ours from failing somebody's save, for handlers that don't write and read nothing locked.

    It is logged, and a job is asked for that does what is left out.
    """

    @functools.wraps(handler)
    def wrapper(doc: Document, method: str | None = None, *more: object) -> None:
        try:
            handler(doc, method, *more)
        except Exception:
            _fail(handler, doc)

    return wrapper


def harmless(handler: Handler) -> Handler:
    """Keep a failure or a lock of ours from failing or delaying somebody's save.

    What was done is undone and logged, and a job is asked for that does it again.
    """

    @functools.wraps(handler)
    def wrapper(doc: Document, method: str | None = None, *more: object) -> None:
        with jobs.without_waiting():
            frappe.db.savepoint("trackflow")
            try:
                handler(doc, method, *more)
            except Exception:
                frappe.db.rollback(save_point="trackflow")
                _fail(handler, doc)

    return wrapper


def _fail(handler: Handler, doc: Document) -> None:
    title = f"TrackFlow: {handler.__module__}.{handler.__name__} failed for {doc.name}"
    try:
        frappe.log_error(title)
    except Exception:
        # Without a log there is nobody to tell but the file.
        frappe.logger("trackflow").exception(title)
    jobs.enqueue_after_commit(requests.METHOD, doctype=doc.doctype, name=doc.name)


def keep_own_fields(doc: Document, fieldnames: Iterable[str]) -> None:
    """Put TrackFlow's fields as they stand into a document before it is saved.

    They are written in the background, so a form that was opened before would overwrite them. Frappe has just read
    and locked the row to see whether the form is the latest, so nothing is read again.
    """
    before = doc.get_doc_before_save()
    if before:
        doc.update({name: before.get(name) for name in fieldnames})


def record_change(
    doctype: str,
    fields: tuple[str, str, str],
    doc: dict,
    at: datetime | None = None,
    by: str = "",
    **more: str | None,
) -> bool:
    """Insert a row into a change log if the document's status is another than the last one recorded.

    ``fields``: the log's fields for (document, from, to). Compared with the log and not with the document
    before the save, because a conversion sets the status without saving. ``at`` and ``by`` are now and the user who
    is logged in unless given. Returns whether there was a change.
    """
    id_field, from_field, to_field = fields
    last = frappe.db.get_value(
        doctype, {id_field: doc.name}, to_field, order_by="creation desc, change_date desc"
    )
    if not doc.status or last == doc.status:
        return False
    values = {id_field: doc.name, from_field: last, to_field: doc.status, **more}
    values |= {"change_date": at or now_datetime(), "changed_by": by or frappe.session.user}
    # Straight into the table, which takes a fraction of the time: nothing in it comes from a form. Whoever may change
    # the status leaves a trace, with or without a right to the log.
    frappe.get_doc(doctype=doctype, **values).db_insert()
    return True
