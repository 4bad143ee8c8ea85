"""Imports: from the text of a file to links that can be made and rows that can't, with the reason for each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from trackflow.domain import csv_text, short_codes, templates
from trackflow.domain.destinations import check_destination
from trackflow.domain.errors import Refused
from trackflow.domain.import_cells import Field, moment, tags_of, value_of
from trackflow.domain.template_values import Variable

MAX_ROWS = 50_000
CSV, URLS, BITLY, YOURLS = "CSV", "List of URLs", "Bitly", "YOURLS"
FORMATS = (CSV, URLS, BITLY, YOURLS)
# What other shorteners tell of a link and is no field of ours.
CREATED, CLICKS, ARCHIVED, CUSTOM_LINK = ":created", ":clicks", ":archived", ":custom_link"

# Names of columns as other programs and people write them. Where two columns of an export mean the same, the
# first name that is found counts.
_LINK_COLUMNS = {
    "destination_url": ("destination url", "destination", "url", "long url", "original url", "target url"),
    "short_code": ("short code", "code", "slug", "keyword", "back half", "alias"),
    "title": ("title", "name"),
    "campaign": ("campaign", "utm campaign"),
    "source": ("source", "utm source"),
    "medium": ("medium", "utm medium"),
    "term": ("term", "utm term"),
    "content": ("content", "utm content"),
    "start_date": ("start date", "start", "starts at", "valid from"),
    "expiry_date": ("expiry date", "expiry", "expires", "expires at", "expiration date", "valid until"),
    "fallback_url": ("fallback url", "fallback", "expired url"),
    "tags": ("tags", "tag", "labels"),
}
_COLUMNS = {
    CSV: _LINK_COLUMNS,
    BITLY: {
        "destination_url": ("destination url", "long url", "original url", "destination"),
        "short_code": ("link", "bitlink", "short link", "short url", "bitly link", "id"),
        CUSTOM_LINK: ("custom link", "custom links", "custom bitlinks", "custom back half", "back half"),
        "title": ("title", "link title"),
        "tags": ("tags", "tag"),
        CREATED: ("created", "created at", "date created", "creation date", "created date"),
        CLICKS: ("total clicks", "clicks", "total engagements", "engagements", "link clicks"),
        ARCHIVED: ("archived",),
    },
    YOURLS: {
        "destination_url": ("url", "long url", "original url"),
        "short_code": ("keyword", "short url", "shorturl"),
        "title": ("title",),
        CREATED: ("timestamp", "date"),
        CLICKS: ("clicks",),
    },
}
# A table of YOURLS is often exported without the names of its columns.
_YOURLS_TABLE = ("keyword", "url", "title", "timestamp", "ip", "clicks")
# Columns of the report on an earlier import.
_REPORT_COLUMNS = ("line", "reason")


@dataclass(frozen=True)
class Layout:
    """How a file is to be read. ``fields`` are those that links have, times are told in ``time_zone``.

    With a ``url_template`` the destination is made of it, and each of the ``variables`` is a column.
    """

    format: str
    fields: Sequence[Field]
    time_zone: tzinfo
    own_hosts: frozenset[str] = frozenset()
    url_template: str = ""
    variables: Sequence[Variable] = ()


@dataclass(frozen=True)
class Record:
    """A link to be made: values by fieldname, tags, and what another shortener says of it."""

    values: Mapping[str, object]
    tags: tuple[str, ...] = ()
    template_values: Mapping[str, str] = field(default_factory=dict)
    created: datetime | None = None
    clicks: int = 0


@dataclass(frozen=True)
class Row:
    """One row of a file with either a ``record`` or the ``reason`` why there is none; ``line`` counts from 1."""

    line: int
    cells: tuple[str, ...]
    record: Record | None = None
    reason: Refused | None = None


@dataclass(frozen=True)
class Sheet:
    """A file that was read: its columns, those of them that mean nothing to us, and its rows."""

    columns: tuple[str, ...]
    unread: tuple[str, ...]
    rows: tuple[Row, ...]


def read(text: str, layout: Layout) -> Sheet:
    """Return all rows of ``text``. Raises Refused if it can't be read at all."""
    header, lines = _urls(text) if layout.format == URLS else _table(text, layout)
    columns = _columns(header, layout)
    if not lines:
        raise Refused("import_empty")
    if len(lines) > MAX_ROWS:
        raise Refused("import_too_long", rows=len(lines), most=MAX_ROWS)
    unread = tuple(name for name in header if name.strip() and _plain(name) not in columns.known)
    return Sheet(tuple(header), unread, tuple(_rows(lines, columns, layout)))


@dataclass(frozen=True)
class _Columns:
    """Which cell is which: field or variable by name; ``known`` are the plain names of all that mean something."""

    fields: Mapping[str, int]
    variables: Mapping[str, int]
    known: frozenset[str]
    number: int


_Lines = list[tuple[int, list[str] | Refused]]


def _urls(text: str) -> tuple[list[str], _Lines]:
    lines = enumerate(csv_text.lines_of(text), 1)
    return ["destination_url"], [(number, [line.strip()]) for number, line in lines if line.strip()]


def _table(text: str, layout: Layout) -> tuple[list[str], _Lines]:
    rows = list(csv_text.records(text))
    if not rows:
        raise Refused("import_empty")
    _line, header = rows[0]
    if isinstance(header, Refused):
        raise header
    if layout.format == YOURLS and len(header) > 1 and "://" in header[1]:
        return list(_YOURLS_TABLE), rows
    return header, rows[1:]


def _columns(header: Sequence[str], layout: Layout) -> _Columns:
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        if _plain(name) in places and _plain(name):
            raise Refused("import_column_twice", column=name[:80])
        places.setdefault(_plain(name), place)
    variables = {v.name: places[_plain(v.name)] for v in layout.variables if _plain(v.name) in places}
    names = _names(layout, {_plain(name) for name in variables})
    fields: dict[str, int] = {}
    for fieldname, aliases in names.items():
        found = [places[alias] for alias in aliases if alias in places]
        if found:
            fields[fieldname] = found[0]
    if not layout.url_template and "destination_url" not in fields:
        _refuse_header(header)
    known = {alias for aliases in names.values() for alias in aliases} | {_plain(name) for name in variables}
    return _Columns(fields, variables, frozenset({*known, *_REPORT_COLUMNS}), len(header))


def _refuse_header(header: Sequence[str]) -> None:
    if any("://" in name for name in header):
        raise Refused("import_no_header")
    raise Refused("import_no_destination", columns=", ".join(header)[:200])


def _names(layout: Layout, taken: set[str]) -> dict[str, list[str]]:
    """Return the names that the column of each field may have; ``taken`` are those of variables."""
    names = {
        fieldname: list(aliases) for fieldname, aliases in _COLUMNS.get(layout.format, _LINK_COLUMNS).items()
    }
    if layout.format == CSV:
        for one in layout.fields:
            names.setdefault(one.name, []).extend([_plain(one.name), _plain(one.label)])
    if layout.url_template:
        names.pop("destination_url", None)
    return {
        fieldname: [name for name in aliases if name not in taken] for fieldname, aliases in names.items()
    }


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().lower()


# ---------------------------------------------------------------- rows


def _rows(lines: _Lines, columns: _Columns, layout: Layout) -> Iterator[Row]:
    fields = {one.name: one for one in layout.fields}
    lines_of_codes: dict[str, int] = {}
    for line, cells in lines:
        if isinstance(cells, Refused):
            yield Row(line, (), reason=cells)
            continue
        try:
            record = _record(cells, columns, fields, layout)
            _check_code_is_new(record, line, lines_of_codes)
            yield Row(line, tuple(cells), record)
        except Refused as refused:
            yield Row(line, tuple(cells), reason=refused)


def _check_code_is_new(record: Record, line: int, lines_of_codes: dict[str, int]) -> None:
    code = str(record.values.get("short_code", ""))
    first = lines_of_codes.setdefault(code.lower(), line) if code else line
    if first != line:
        raise Refused("code_repeated", code=code, line=first)


def _record(cells: Sequence[str], columns: _Columns, fields: Mapping[str, Field], layout: Layout) -> Record:
    if any(cell.strip() for cell in cells[columns.number :]):
        raise Refused("row_too_long", cells=len(cells), columns=columns.number)

    def cell(place: int | None) -> str:
        return cells[place].strip() if place is not None and place < len(cells) else ""

    texts = {name: cell(place) for name, place in columns.fields.items()}
    values = {
        name: value_of(fields[name], text, layout.time_zone)
        for name, text in texts.items()
        if text and name in fields
    }
    given = {variable.name: cell(columns.variables.get(variable.name)) for variable in layout.variables}
    values["destination_url"] = _destination(texts, given, layout)
    _check_addresses(values, fields, layout)
    return _with_code(values, texts, given, layout)


def _destination(texts: Mapping[str, str], given: Mapping[str, str], layout: Layout) -> str:
    if not layout.url_template:
        return check_destination(texts["destination_url"], layout.own_hosts)
    filled = templates.fill(layout.url_template, layout.variables, given)
    for refused in filled.errors.values():
        raise refused
    return check_destination(filled.url, layout.own_hosts)


def _check_addresses(values: dict[str, object], fields: Mapping[str, Field], layout: Layout) -> None:
    for name, value in values.items():
        if name != "destination_url" and fields[name].kind == "url":
            values[name] = check_destination(str(value), layout.own_hosts)


def _with_code(
    values: dict[str, object], texts: Mapping[str, str], given: Mapping[str, str], layout: Layout
) -> Record:
    code = texts.get(CUSTOM_LINK) or texts.get("short_code") or ""
    values.pop("short_code", None)
    if code := _back_half(code) if layout.format in (BITLY, YOURLS) else code:
        values["short_code"] = short_codes.check(code)
    if texts.get(ARCHIVED, "").lower() in ("1", "true", "yes", "on"):
        values["status"] = "Archived"
    return Record(
        values,
        tags=tags_of(texts.get("tags", "").strip("[]").replace('"', "")),
        template_values=given,
        created=_created(texts.get(CREATED, ""), layout),
        clicks=_clicks(texts.get(CLICKS, "")),
    )


def _back_half(short_url: str) -> str:
    """Return the code at the end of a short URL, the first one where an export lists several."""
    first = re.split(r"[,;|\s]", short_url.strip(" []\"'"))[0].strip("\"'")
    return re.split(r"[?#]", first)[0].rstrip("/").rpartition("/")[2]


def _created(text: str, layout: Layout) -> datetime | None:
    """A time that can't be read is no reason to lose the link."""
    try:
        return moment(text, layout.time_zone) if text else None
    except ValueError:
        return None


def _clicks(text: str) -> int:
    digits = re.sub(r"[,.'\s]", "", text)
    return int(digits) if re.fullmatch(r"[0-9]{1,15}", digits) else 0
