"""The parts of a report as Frappe takes them."""

from collections.abc import Iterable, Mapping, Sequence

import frappe
from frappe import _
from frappe.utils import fmt_money

Column = dict
Report = tuple[list[Column], list[dict], str | None, dict | None, list[dict]]
# More bars than these can't be told apart.
MOST_BARS = 10
COLOURS = ["#449CF0", "#48BB74", "#F6AD55", "#9F7AEA"]
_TEXTS = ("Data", "Link", "Dynamic Link")
# So much of a column's width goes to a letter of its label, and to the space around the label.
_LETTER, _AROUND = 8, 24


def column(
    fieldname: str, label: str, fieldtype: str = "Data", width: int = 120, options: str = "", **more: object
) -> Column:
    """Return a column, wide enough for its label in any language. What can't be added up says ``disable_total=1``."""
    width = max(width, _LETTER * len(label) + _AROUND)
    made = {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width, **more}
    if fieldtype in _TEXTS:
        # Desk would put the texts of a column whose first one is empty to the right, like numbers.
        made["align"] = "left"
    return made | ({"options": options} if options else {})


def rate(fieldname: str, label: str, width: int = 120) -> Column:
    """Return a column of percentages, whose mean would say nothing."""
    return column(fieldname, label, "Percent", width, disable_total=1)


def card(label: str, value: object, datatype: str = "Int") -> dict:
    """Return a number above the report, in the colour of text: Desk's green and blue are too pale to be read by everybody."""
    return {"label": label, "value": value, "datatype": datatype}


def number(value: float, decimals: int) -> str:
    """Return a number as the user writes numbers, for a card, where Desk takes no precision."""
    return frappe.format_value(value, {"fieldtype": "Float", "precision": decimals})


def fixed(value: float, decimals: int) -> str:
    """Return a number as the user writes numbers, with all its decimals."""
    return fmt_money(value, precision=decimals)


def translated(rows: Iterable[Mapping], *fieldnames: str) -> list[dict]:
    """Return ``rows`` with what stands for something else, such as a status, in the user's language."""
    return [{**row, **{name: _(row[name]) for name in fieldnames if row.get(name)}} for row in rows]


def total(rows: Iterable[Mapping], fieldname: str) -> float:
    """Return the sum of a column; nothing of money is lost to floats at its sixth decimal."""
    return round(sum(row.get(fieldname) or 0 for row in rows), 6)


def bars(
    labels: Sequence[str], datasets: Mapping[str, Sequence[float]], *, money: bool = False
) -> dict | None:
    """Return a chart of the first rows that have something to show, None if there are none."""
    rows = zip(labels, *datasets.values(), strict=True)
    shown = [row for row in rows if any(row[1:])][:MOST_BARS]
    if not shown:
        return None
    made = [
        {"name": name, "values": [row[place] or 0 for row in shown]} for place, name in enumerate(datasets, 1)
    ]
    data = {"labels": [row[0] or _("none") for row in shown], "datasets": made}
    return _chart("bar", data, "Currency" if money else "Float")


def lines(labels: Sequence[str], datasets: Mapping[str, Sequence[float]]) -> dict | None:
    """Return a chart over time, None if it would be empty. Of a single day it has bars: Desk draws no lines of one point."""
    if not any(any(values) for values in datasets.values()):
        return None
    made = [{"name": name, "values": list(values)} for name, values in datasets.items()]
    kind = "line" if len(labels) > 1 else "bar"
    return _chart(kind, {"labels": list(labels), "datasets": made}, "Int")


def _chart(kind: str, data: dict, fieldtype: str) -> dict:
    # Not animated: bars that still grow when the report is left or drawn again raise an error in the browser.
    return {
        "type": kind,
        "data": data,
        "colors": COLOURS,
        "fieldtype": fieldtype,
        "height": 240,
        "animate": 0,
        "disableEntryAnimation": 1,
    }
