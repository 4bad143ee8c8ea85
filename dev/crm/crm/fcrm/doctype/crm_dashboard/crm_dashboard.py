"""What the dashboard of the portal shows, and where."""

import json

import frappe
from frappe.model.document import Document

MANAGERS = "Manager Dashboard"


class CRMDashboard(Document):
    """A layout: a list of items, each with name, type and place, as JSON."""


def default_manager_dashboard_layout() -> str:
    """Return the layout of a fresh installation, of the charts that are here."""
    return json.dumps(
        [
            _item("total_leads", "number_chart", x=0, y=0, w=4, h=3),
            _item("spacer", "spacer", x=4, y=0, w=16, h=3),
            _item("leads_by_source", "donut_chart", x=0, y=3, w=10, h=9),
        ]
    )


def create_default_manager_dashboard(force: bool = False) -> str:
    """Make the dashboard if there is none, with `force` give it the default layout again; return its layout."""
    if not frappe.db.exists("CRM Dashboard", MANAGERS):
        doc = frappe.new_doc("CRM Dashboard")
        doc.title = MANAGERS
        doc.layout = default_manager_dashboard_layout()
        doc.insert(ignore_permissions=True)
        return doc.layout
    doc = frappe.get_doc("CRM Dashboard", MANAGERS)
    if force:
        doc.layout = default_manager_dashboard_layout()
        doc.save(ignore_permissions=True)
    return doc.layout


def _item(name: str, kind: str, **place: int) -> dict:
    return {"name": name, "type": kind, "layout": {**place, "i": name}}
