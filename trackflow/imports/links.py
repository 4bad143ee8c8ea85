"""Imports of links: what a file or a pasted list holds, checked against the site, before anything is made of it."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import frappe
from frappe.model.document import Document
from frappe.utils import cint, cstr

from trackflow import messages, short_urls
from trackflow.domain import csv_text, imports
from trackflow.domain.errors import Refused
from trackflow.domain.import_cells import Field
from trackflow.domain.imports import Layout, Row, Sheet
from trackflow.link_templates import templates as link_templates

LINK, ROW = "Tracked Link", "Link Import Row"
MAX_BYTES = 20_000_000
SHOWN_ROWS = 100
# A password in a file would stay there, and in the report.
NOT_IMPORTED = frozenset({"password_protected"})
_KINDS = {
    "Data": "text",
    "Small Text": "text",
    "Link": "text",
    "Select": "choice",
    "Datetime": "moment",
    "Int": "whole",
    "Check": "check",
    "JSON": "object",
}
_CHUNK = 1_000


def sheet_of(doc: Document) -> Sheet:
    """Return the rows of a Link Import, those that the site has no room for with the reason. Raises Refused."""
    sheet = imports.read(text_of(doc), _layout(doc))
    return replace(sheet, rows=tuple(_checked_on_site(sheet.rows)))


def preview(doc: Document) -> dict:
    """Return what an import would do: counts, columns that are not read, and the first rows, failing ones first."""
    sheet = sheet_of(doc)
    failing = [row for row in sheet.rows if row.reason]
    ready = [row for row in sheet.rows if not row.reason]
    shown = [*failing[:SHOWN_ROWS], *ready[: SHOWN_ROWS // 2]]
    return {
        "total": len(sheet.rows),
        "ready": len(ready),
        "failing": len(failing),
        "unread": list(sheet.unread),
        "clicks": sum(row.record.clicks for row in ready),
        "rows": [_shown(row) for row in sorted(shown, key=lambda row: row.line)],
    }


def _shown(row: Row) -> dict:
    values = row.record.values if row.record else {}
    return {
        "line": row.line,
        "short_code": values.get("short_code", ""),
        "destination_url": values.get("destination_url", ""),
        "title": values.get("title", ""),
        "cells": " | ".join(row.cells)[:200],
        "reason": messages.plain(row.reason) if row.reason else "",
    }


# ---------------------------------------------------------------- source


def text_of(doc: Document) -> str:
    """Return the text of the file or the list of a Link Import. Raises Refused, and PermissionError for a file
    that the user may not read."""
    if doc.import_file and cstr(doc.pasted_text).strip():
        raise Refused("import_two_sources")
    if not doc.import_file:
        return cstr(doc.pasted_text)
    data = _read_file(doc.import_file)
    if len(data) > MAX_BYTES:
        raise Refused("import_too_big", most=MAX_BYTES // 1_000_000)
    if data.startswith(b"PK"):
        raise Refused("import_spreadsheet")
    return csv_text.decode(data)


def _read_file(url: str) -> bytes:
    """One address may have several File records; one of them has to be open to the user."""
    names = frappe.get_all("File", {"file_url": url}, pluck="name", order_by="creation desc")
    files = [frappe.get_doc("File", name) for name in names]
    readable = next((file for file in files if file.has_permission("read")), None)
    if files and not readable:
        raise frappe.PermissionError
    path = Path(readable.get_full_path()) if readable else None
    if not path or not path.is_file():
        raise Refused("import_file_missing")
    return path.read_bytes()


def _layout(doc: Document) -> Layout:
    template = frappe.get_cached_doc("Link Template", doc.link_template) if doc.link_template else None
    if template and not template.is_active:
        raise Refused("template_inactive", template=template.name)
    return Layout(
        format=doc.import_format,
        fields=_fields(),
        time_zone=ZoneInfo(frappe.utils.get_system_timezone()),
        own_hosts=frozenset(short_urls.own_hosts()),
        url_template=template.url_template if template else "",
        variables=link_templates.variables_of(template.variables) if template else (),
    )


def _fields() -> tuple[Field, ...]:
    """Return the fields of a link that people fill in, whatever their number in this version."""
    return tuple(
        Field(
            name=df.fieldname,
            kind="url" if _is_address(df.fieldname) else _KINDS[df.fieldtype],
            label=df.label,
            options=tuple(cstr(df.options).split("\n")) if df.fieldtype == "Select" else (),
            longest=(cint(df.length) or 140) if df.fieldtype in ("Data", "Link") else 0,
        )
        for df in frappe.get_meta(LINK).fields
        if df.fieldtype in _KINDS
        and not (df.read_only or df.hidden or df.permlevel or df.get("is_virtual"))
        and df.fieldname not in NOT_IMPORTED
    )


def _is_address(fieldname: str) -> bool:
    return fieldname == "destination_url" or fieldname.startswith("fallback_url")


# ---------------------------------------------------------------- what the site says


def _checked_on_site(rows: Iterable[Row]) -> Iterator[Row]:
    rows = list(rows)
    taken = _taken_codes(rows)
    targets = {
        df.fieldname: _names_of(df, rows) for df in frappe.get_meta(LINK).get("fields", {"fieldtype": "Link"})
    }
    for row in rows:
        try:
            yield _with_names(row, taken, targets) if row.record else row
        except Refused as refused:
            yield replace(row, record=None, reason=refused)


def _with_names(row: Row, taken: set[str], targets: dict[str, dict[str, str]]) -> Row:
    values = dict(row.record.values)
    if cstr(values.get("short_code")).lower() in taken:
        raise Refused("code_taken", code=values["short_code"])
    for fieldname, names in targets.items():
        value = cstr(values.get(fieldname))
        if value and value.lower() not in names:
            label = frappe._(frappe.get_meta(LINK).get_label(fieldname))
            raise Refused("name_unknown", column=label, value=value)
        if value:
            values[fieldname] = names[value.lower()]
    return replace(row, record=replace(row.record, values=values))


def _taken_codes(rows: Iterable[Row]) -> set[str]:
    """Codes are unique whatever their case."""
    codes = [
        row.record.values["short_code"] for row in rows if row.record and "short_code" in row.record.values
    ]
    taken: set[str] = set()
    for start in range(0, len(codes), _CHUNK):
        found = frappe.get_all(
            LINK, {"short_code": ("in", codes[start : start + _CHUNK])}, pluck="short_code", limit=0
        )
        taken.update(code.lower() for code in found)
    return taken


def _names_of(df: Document, rows: Iterable[Row]) -> dict[str, str]:
    """Return the names of the records that the user may read, by what a file may call them: a campaign has an
    id of its own, which other tools know it by."""
    wanted = {cstr(row.record.values.get(df.fieldname)) for row in rows if row.record} - {""}
    if not wanted or not frappe.has_permission(df.options, "read"):
        return {}
    by_name = frappe.get_list(df.options, {"name": ("in", list(wanted))}, pluck="name", limit=0)
    names = {name.lower(): name for name in by_name}
    if df.options == "Link Campaign":
        filters = {"campaign_id": ("in", list(wanted))}
        found = frappe.get_list(df.options, filters, ["name", "campaign_id"], limit=0)
        names = {row.campaign_id.lower(): row.name for row in found} | names
    return names


# ---------------------------------------------------------------- report


def failures(doc: Document) -> list[dict]:
    """Return the first rows that failed, as ``preview`` shows them."""
    fields = ["line", "reason", "cells"]
    rows = frappe.get_all(ROW, _failed(doc), fields, order_by="line asc", limit=SHOWN_ROWS)
    for row in rows:
        row.cells = " | ".join(frappe.parse_json(row.cells or "[]"))[:200]
    return rows


def _failed(doc: Document) -> dict:
    return {"link_import": doc.name, "outcome": "Failed"}


def failed_rows_csv(doc: Document) -> str:
    """Return the rows that failed as CSV, with the reason first, to be corrected and imported again."""
    fields = ["line", "reason", "cells"]
    rows = frappe.get_all(ROW, _failed(doc), fields, order_by="line asc", limit=0)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Line", "Reason", *frappe.parse_json(doc.columns or "[]")])
    for row in rows:
        writer.writerow([row.line, row.reason, *frappe.parse_json(row.cells or "[]")])
    # The mark tells spreadsheets that it is UTF-8.
    return "\ufeff" + out.getvalue()
