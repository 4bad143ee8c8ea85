"""How long things are kept."""

from datetime import timedelta

import frappe
from frappe.utils import now_datetime

# Small enough that nobody waits for its locks.
BATCH = 5_000


def delete_older(doctype: str, date_field: str, days: int, **filters: str) -> int:
    """Delete rows of ``doctype`` whose ``date_field`` is more than ``days`` days ago; return how many.

    Works in batches, each committed, because one long delete would block the writers of the table.
    """
    table = frappe.qb.DocType(doctype)
    query = (
        frappe.qb.from_(table)
        .select(table.name)
        .where(table[date_field] < now_datetime() - timedelta(days=days))
    )
    for fieldname, value in filters.items():
        query = query.where(table[fieldname] == value)
    deleted = 0
    while names := query.limit(BATCH).run(pluck=True):
        frappe.db.delete(doctype, {"name": ("in", names)})
        # Each batch stands on its own; the next one must not hold the locks of this one.
        frappe.db.commit()
        deleted += len(names)
    return deleted
