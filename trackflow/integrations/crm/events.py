"""What the events of leads and deals have in common."""

import functools
from collections.abc import Callable, Iterable

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime


def harmless(handler: Callable[[Document, str | None], None]) -> Callable[[Document, str | None], None]:
    """Keep a failure of ours from failing somebody's save: it is undone, logged, and caught up with hourly."""

    @functools.wraps(handler)
    def wrapper(doc: Document, method: str | None = None) -> None:
        frappe.db.savepoint("trackflow")
        try:
            handler(doc, method)
        except Exception:
            frappe.db.rollback(save_point="trackflow")
            frappe.log_error(f"TrackFlow: {handler.__module__}.{handler.__name__} failed for {doc.name}")

    return wrapper


def keep_own_fields(doc: Document, fieldnames: Iterable[str]) -> None:
    """Put TrackFlow's fields as they stand into a document before it is saved.

    They are written in the background, so a form that was opened before would overwrite them.
    """
    if not doc.is_new():
        doc.update(
            frappe.db.get_value(doc.doctype, doc.name, list(fieldnames), as_dict=True, for_update=True) or {}
        )


def record_change(doctype: str, fields: tuple[str, str, str], doc: Document, **more: str | None) -> bool:
    """Insert a row into a change log if the document's status is another than the last one recorded.

    ``fields``: the log's fields for (document, from, to). Compared with the log and not with the document
    before the save, because a conversion sets the status without saving. Returns whether there was a change.
    """
    id_field, from_field, to_field = fields
    last = frappe.db.get_value(
        doctype, {id_field: doc.name}, to_field, order_by="change_date desc, creation desc"
    )
    if not doc.status or last == doc.status:
        return False
    values = {id_field: doc.name, from_field: last, to_field: doc.status, **more}
    change = frappe.get_doc(
        doctype=doctype, change_date=now_datetime(), changed_by=frappe.session.user, **values
    )
    # A log: whoever may change the status leaves a trace, with or without a right to the log.
    change.insert(ignore_permissions=True)
    return True
