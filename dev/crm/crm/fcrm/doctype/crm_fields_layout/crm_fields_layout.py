"""Which fields the portal shows, and where."""

import json

import frappe
from frappe.model.document import Document

LAYOUT_FIELDTYPES = ("Tab Break", "Section Break", "Column Break")


class CRMFieldsLayout(Document):
    """The fields of one DocType in one place of the portal."""


@frappe.whitelist()
def get_sidepanel_sections(doctype: str) -> list[dict]:
    """The sections of the portal's side panel, with each known fieldname replaced by its field."""
    layout = frappe.db.get_value("CRM Fields Layout", {"dt": doctype, "type": "Side Panel"}, "layout")
    sections = json.loads(layout or "[]")
    fields = {
        df.fieldname: df for df in frappe.get_meta(doctype).fields if df.fieldtype not in LAYOUT_FIELDTYPES
    }
    for section in sections:
        for column in section.get("columns", []):
            names = column.get("fields", [])
            column["fields"] = [fields[name].as_dict() if name in fields else name for name in names]
    return sections
