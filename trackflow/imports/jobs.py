"""From the rows of an import to links, in the background: a batch in a transaction, exactly once.

The only writer of Link Import Row and of what a Link Import says of its progress.
"""

import json
from datetime import timedelta
from html import unescape

import frappe
from frappe import _
from frappe.desk.doctype.tag.tag import DocTags, add_tag
from frappe.model.document import Document
from frappe.utils import cstr, get_datetime, now_datetime, strip_html
from rq.timeouts import JobTimeoutException

from trackflow import jobs, messages
from trackflow.domain.errors import Refused
from trackflow.domain.import_cells import tags_of
from trackflow.domain.imports import Row
from trackflow.imports import links as link_imports

IMPORT, ROW, LINK = "Link Import", "Link Import Row", "Tracked Link"
METHOD = "trackflow.imports.jobs.run"
BATCH = 25
JOB_SECONDS = 3 * 60 * 60
# A batch takes a second or two: who has said nothing for so long was killed.
SILENCE = timedelta(seconds=60)
WAITING, CREATED, FAILED = "Waiting", "Created", "Failed"
_COLUMNS = (
    "name", "creation", "modified", "owner", "modified_by", "link_import", "line", "outcome", "short_code",
    "destination_url", "reason", "clicks_elsewhere", "cells", "record",
)  # fmt: skip
# Rows that another worker has in hand are left to it.
_CLAIM = (
    "SELECT name, record FROM `tabLink Import Row` WHERE link_import = %s AND outcome = 'Waiting'"
    " ORDER BY line LIMIT %s FOR UPDATE SKIP LOCKED"
)


def start(doc: Document) -> None:
    """Create the links of an import in the background, as the user who asks; go on where an earlier job stopped."""
    if is_at_work(doc):
        frappe.throw(_("This import is at work already."))
    if doc.status in ("Completed", "Completed with Failures"):
        frappe.throw(_("This import is completed. Download the failed rows and import them as a new one."))
    _set(doc.name, status="Queued", message=None, last_activity=now_datetime())
    frappe.enqueue(METHOD, queue="long", timeout=JOB_SECONDS, enqueue_after_commit=True, link_import=doc.name)


def stop(doc: Document) -> None:
    """Let the job end after the batch that it has in hand."""
    if doc.status in ("Queued", "Running"):
        _set(doc.name, status="Stopped")


def is_at_work(doc: Document) -> bool:
    """Say whether a job waits or works; one that was killed is noticed by its silence."""
    is_silent = not doc.last_activity or now_datetime() - get_datetime(doc.last_activity) > SILENCE
    return doc.status in ("Queued", "Running") and not is_silent


def run(link_import: str) -> None:
    """Background job: create all links of an import that are not there yet."""
    doc = frappe.get_doc(IMPORT, link_import)
    if doc.status != "Queued":
        return
    try:
        _load(doc)
        while _may_go_on(link_import) and _work_on_batch(link_import):
            pass
        _finish(link_import)
    except Exception as error:
        frappe.db.rollback()
        _set(link_import, status="Failed", message=_explain(error))
        frappe.log_error(f"Link Import {link_import}", reference_doctype=IMPORT, reference_name=link_import)
        # The job ends here; nobody else commits what it says.
        frappe.db.commit()


def _explain(error: Exception) -> str:
    if isinstance(error, Refused):
        return messages.plain(error)
    return _("{0}. Start the import again to go on; nothing is created twice.").format(
        strip_html(str(error))[:200] or type(error).__name__
    )


# ---------------------------------------------------------------- rows


def _load(doc: Document) -> None:
    """Write down all rows of the file, once: a job that goes on for another one finds them there."""
    # Adding a column commits, so it is done before anything else.
    DocTags(LINK).setup()
    if not frappe.db.exists(ROW, {"link_import": doc.name}):
        sheet = link_imports.sheet_of(doc)
        rows = [_values(doc, row) for row in sheet.rows]
        frappe.db.bulk_insert(ROW, list(_COLUMNS), rows, chunk_size=1_000)
        failed = sum(1 for row in sheet.rows if row.reason)
        _set(
            doc.name,
            columns=json.dumps(sheet.columns),
            total_rows=len(rows),
            failed_count=failed,
            clicks_elsewhere=sum(row.record.clicks for row in sheet.rows if row.record),
            progress=100 * failed / len(rows),
        )
    _set(doc.name, status="Running", last_activity=now_datetime())
    # All rows or none, before the first link.
    frappe.db.commit()


def _values(doc: Document, row: Row) -> tuple:
    now, user = now_datetime(), frappe.session.user
    values = row.record.values if row.record else {}
    return (
        f"{doc.name}-{row.line}",
        now,
        now,
        user,
        user,
        doc.name,
        row.line,
        WAITING if row.record else FAILED,
        cstr(values.get("short_code")) or None,
        cstr(values.get("destination_url")) or None,
        messages.plain(row.reason) if row.reason else None,
        row.record.clicks if row.record else 0,
        json.dumps(row.cells),
        json.dumps(_plain(row), default=str) if row.record else None,
    )


def _plain(row: Row) -> dict:
    record = row.record
    return {
        "values": dict(record.values),
        "tags": record.tags,
        "template_values": dict(record.template_values),
        "created": record.created,
    }


# ---------------------------------------------------------------- links


def _may_go_on(link_import: str) -> bool:
    return frappe.db.get_value(IMPORT, link_import, "status") == "Running"


@jobs.retried
def _work_on_batch(link_import: str) -> int:
    """Create the links of some rows, all in one transaction with what the rows and the import say of it."""
    with jobs.read_committed():
        rows = frappe.db.sql(_CLAIM, (link_import, BATCH), as_dict=True)
        if rows:
            doc = frappe.get_doc(IMPORT, link_import)
            created = [_work_on(row, doc) for row in rows].count(True)
            _count(link_import, created, len(rows) - created)
    return len(rows)


def _work_on(row: dict, doc: Document) -> bool:
    """Create the link of one row, or write down why not; say which."""
    frappe.db.savepoint("link_import_row")
    try:
        link = _create(json.loads(row.record), doc)
    except (frappe.QueryDeadlockError, frappe.QueryTimeoutError, JobTimeoutException):
        raise
    except Exception as error:
        frappe.db.rollback(save_point="link_import_row")
        frappe.clear_messages()
        frappe.db.set_value(
            ROW, row.name, {"outcome": FAILED, "reason": _reason(error, row)}, update_modified=False
        )
        return False
    values = {"outcome": CREATED, "tracked_link": link.name, "short_code": link.short_code}
    frappe.db.set_value(ROW, row.name, values, update_modified=False)
    return True


def _reason(error: Exception, row: dict) -> str:
    if isinstance(error, frappe.UniqueValidationError):
        code = json.loads(row.record)["values"].get("short_code", "")
        return messages.plain(Refused("code_taken", code=code))
    if isinstance(error, frappe.ValidationError | frappe.PermissionError):
        return unescape(strip_html(str(error))) or _("You have no right to create this link.")
    frappe.log_error(f"Link Import Row {row.name}", reference_doctype=ROW, reference_name=row.name)
    return _("Something unexpected happened: {0}. The Error Log has more.").format(type(error).__name__)


def _create(record: dict, doc: Document) -> Document:
    """Create one link with the rights of the user whom the job works for."""
    values = {"campaign": doc.campaign, **record["values"]}
    if doc.link_template:
        values |= {"link_template": doc.link_template, "template_values": record["template_values"]}
    link = frappe.get_doc({"doctype": LINK, **values}).insert()
    for tag in tags_of(",".join([cstr(doc.tags), *record["tags"]])):
        add_tag(tag, LINK, link.name)
    if record["created"]:
        # In lists, old links stand where they belong.
        frappe.db.set_value(LINK, link.name, "creation", record["created"], update_modified=False)
    return link


# ---------------------------------------------------------------- progress


def _count(link_import: str, created: int, failed: int) -> None:
    table = frappe.qb.DocType(IMPORT)
    # MariaDB sets one column after the other, so these are the new counts.
    done = table.created_count + table.failed_count
    (
        frappe.qb.update(table)
        .set(table.created_count, table.created_count + created)
        .set(table.failed_count, table.failed_count + failed)
        .set(table.progress, 100 * done / table.total_rows)
        .set(table.last_activity, now_datetime())
        .where(table.name == link_import)
    ).run()


def _finish(link_import: str) -> None:
    """A job that was told to stop leaves rows waiting; so does one whose rows another job has in hand."""
    if _may_go_on(link_import) and not frappe.db.exists(
        ROW, {"link_import": link_import, "outcome": WAITING}
    ):
        failed = frappe.db.get_value(IMPORT, link_import, "failed_count")
        _set(link_import, status="Completed with Failures" if failed else "Completed")
    # As above.
    frappe.db.commit()


def _set(link_import: str, **values: object) -> None:
    frappe.db.set_value(IMPORT, link_import, values, update_modified=False)
