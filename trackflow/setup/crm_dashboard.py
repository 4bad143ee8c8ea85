"""TrackFlow's items on the dashboard of Frappe CRM's own pages (CRM 1.51 and later).

They are added once: what an administrator takes away does not come back with a migration, only with the dashboard's own
*Reset to Default*. ``api.crm_dashboard`` fills them with data.
"""

import json
from collections.abc import Callable

import frappe
from frappe.model.document import Document

DOCTYPE, NAME = "CRM Dashboard", "Manager Dashboard"
# Of the modules: the CRM's and ours that answers for it.
THEIRS, OURS = "crm.api.dashboard", "trackflow.api.crm_dashboard"
# Type and place of each, below what is there already; the dashboard has 20 columns.
ITEMS = {
    "trackflow_leads": ("number_chart", {"x": 0, "y": 0, "w": 4, "h": 3}),
    "trackflow_won_value": ("number_chart", {"x": 4, "y": 0, "w": 4, "h": 3}),
    # The last one, as some do not see it.
    "trackflow_clicks": ("number_chart", {"x": 8, "y": 0, "w": 4, "h": 3}),
    "trackflow_won_value_by_campaign": ("axis_chart", {"x": 0, "y": 3, "w": 10, "h": 9}),
    "trackflow_won_value_by_channel": ("donut_chart", {"x": 10, "y": 3, "w": 10, "h": 9}),
}
# Where it is noted which items the site was given.
GIVEN = "trackflow_items_given_to_crm_dashboard"


def create() -> None:
    """Add the items that the dashboard was never given; take them away where nobody would fill them."""
    if not _are_filled():
        delete()
        return
    given = json.loads(frappe.db.get_global(GIVEN) or "[]")
    if any(name not in given for name in ITEMS):
        _add_to_theirs(without=given)


def before_insert(doc: Document, method: str | None = None) -> None:
    """Add the items to the dashboard as the CRM makes it."""
    if doc.title == NAME and _are_filled():
        _add(doc, list(ITEMS))


def add_again() -> None:
    """Add all items that are not there."""
    if _are_filled():
        _add_to_theirs(without=[])


def delete() -> None:
    """Take the items from all dashboards: without TrackFlow the CRM's pages fail on those that have no data."""
    if frappe.db.exists("DocType", DOCTYPE):
        for name in frappe.get_all(DOCTYPE, {"layout": ("like", "%trackflow_%")}, pluck="name"):
            _take_from(frappe.get_doc(DOCTYPE, name))
    frappe.defaults.clear_default(GIVEN, parent="__global")


def without_us(function: str) -> Callable:
    """Return what would answer if TrackFlow did not: the CRM's function, or that of an app that was here before us."""
    answering = _answering(function)
    before = answering[: answering.index(f"{OURS}.{function}")]
    return frappe.get_attr(before[-1] if before else f"{THEIRS}.{function}")


def _answering(function: str) -> list[str]:
    """Return what answers for a function of the CRM; of several, the last one does."""
    return frappe.get_hooks("override_whitelisted_methods").get(f"{THEIRS}.{function}") or []


def _are_filled() -> bool:
    """Say whether our function answers for the CRM's: another app's may, which knows nothing of our items."""
    return _answering("get_dashboard")[-1:] == [f"{OURS}.get_dashboard"]


def _add_to_theirs(without: list[str]) -> None:
    if not (frappe.db.exists("DocType", DOCTYPE) and frappe.db.exists(DOCTYPE, NAME)):
        return
    doc = frappe.get_doc(DOCTYPE, NAME)
    if _add(doc, [name for name in ITEMS if name not in without]):
        # Runs during installation, where nobody is asked for rights, or after the CRM has asked for them.
        doc.save(ignore_permissions=True)


def _add(doc: Document, names: list[str]) -> bool:
    """Add items to the end of a layout and note that they were given; say whether that was possible."""
    items = _items(doc)
    if items is None:
        return False
    there = {item.get("name") for item in items}
    bottom = max((item["layout"]["y"] + item["layout"]["h"] for item in items if "layout" in item), default=0)
    items += [_item(name, bottom) for name in names if name not in there]
    doc.layout = json.dumps(items)
    frappe.db.set_global(GIVEN, json.dumps(list(ITEMS)))
    return True


def _items(doc: Document) -> list[dict] | None:
    """Return the items of a layout, None for what is no layout and ours to leave alone."""
    try:
        items = json.loads(doc.layout or "[]")
    except ValueError:
        return None
    is_layout = isinstance(items, list) and all(isinstance(item, dict) for item in items)
    return items if is_layout else None


def _item(name: str, bottom: int) -> dict:
    kind, place = ITEMS[name]
    return {"name": name, "type": kind, "layout": place | {"y": bottom + place["y"], "i": name}}


def _take_from(doc: Document) -> None:
    items = _items(doc)
    if items is not None:
        doc.layout = json.dumps([item for item in items if item.get("name") not in ITEMS])
        # As above.
        doc.save(ignore_permissions=True)
