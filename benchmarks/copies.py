"""Copies of what a drain has written, moved on in time: tables as full as after a million clicks, in a minute."""

from datetime import timedelta

import frappe

_DOCTYPES = ("Click Queue", "Click Event", "Visitor", "Visitor Session", "Visitor Reach")
# What holds the name of a click or the id of a visitor, both of which begin with a time.
_IDS = ("name", "visitor_id", "session")
_MOVED_NAME = "CONCAT(LOWER(LPAD(HEX(CAST(CONV(LEFT({0}, 14), 16, 10) AS UNSIGNED) + %(micros)s), 14, '0')), SUBSTR({0}, 15))"
_MOVED_VISITOR = (
    "CONCAT('v_', LOWER(LPAD(HEX(CAST(CONV(SUBSTR({0}, 3, 12), 16, 10) AS UNSIGNED) + %(micros)s DIV 1000), 12, '0')),"
    " SUBSTR({0}, 15))"
)


def make(links: list[str], times: int, later: timedelta) -> None:
    """Copy the events on ``links``, and the visitors who were there, ``times`` times, each copy ``later`` than the last.

    Counters and daily totals are not touched: a drain does the same to them whatever they say.
    """
    chosen = _chosen(links)
    for number in range(1, times + 1):
        for doctype in _DOCTYPES:
            frappe.db.sql(
                _statement(doctype), chosen | {"micros": number * int(later.total_seconds() * 1_000_000)}
            )
            frappe.db.commit()


def _chosen(links: list[str]) -> dict[str, str]:
    """Return the first and last names of clicks and visitors: all that lies between is copied."""
    ((first, last, one, other),) = frappe.db.sql(
        "SELECT MIN(name), MAX(name), MIN(visitor_id), MAX(visitor_id) FROM `tabClick Event` WHERE tracked_link IN %s",
        (links,),
    )
    return {"first": first, "last": last, "first_visitor": one, "last_visitor": other}


def _statement(doctype: str) -> str:
    columns = {row[0]: row[1] for row in frappe.db.sql(f"DESCRIBE `tab{doctype}`")}
    values = ", ".join(_moved(name, kind) for name, kind in columns.items())
    names = ", ".join(f"`{name}`" for name in columns)
    by_visitor = doctype in ("Visitor", "Visitor Reach")
    chosen = (
        "visitor_id BETWEEN %(first_visitor)s AND %(last_visitor)s"
        if by_visitor
        else "name BETWEEN %(first)s AND %(last)s"
    )
    return f"INSERT INTO `tab{doctype}` ({names}) SELECT {values} FROM `tab{doctype}` WHERE {chosen} ORDER BY name"


def _moved(name: str, kind: str) -> str:
    column = f"`{name}`"
    if kind.startswith("datetime"):
        return f"{column} + INTERVAL %(micros)s MICROSECOND"
    if name in _IDS:
        return f"IF({column} LIKE 'v\\_%%', {_MOVED_VISITOR.format(column)}, {_MOVED_NAME.format(column)})"
    return column
