"""TrackFlow's fields on the CRM's documents. One dict drives creating, protecting and deleting them."""

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

# Only marks: the fields keep English labels, which Frappe translates when it shows them.
from trackflow.domain.errors import sentence as _


def _field(fieldname: str, fieldtype: str, label: str, **more: object) -> dict:
    return {
        "fieldname": fieldname,
        "fieldtype": fieldtype,
        "label": label,
        "read_only": 1,
        "no_copy": 1,
        "module": "TrackFlow",
        **more,
    }


def _tab(*fields: dict) -> list[dict]:
    heading = [
        _field("trackflow_tab", "Tab Break", _("TrackFlow")),
        _field("trackflow_section", "Section Break", _("Where It Came From")),
    ]
    return [*heading, *fields]


# Desk draws it: no value, no column.
_ORIGIN = (
    _field("trackflow_origin_section", "Section Break", _("Journey and Credit")),
    _field("trackflow_origin", "HTML", _("Journey and Credit")),
)

_TOUCH_FIELDS = (
    _field("trackflow_source", "Data", _("Source"), in_standard_filter=1),
    _field("trackflow_medium", "Data", _("Medium")),
    _field("trackflow_campaign", "Data", _("Campaign"), in_standard_filter=1),
    _field("trackflow_column_break", "Column Break", ""),
    _field("trackflow_first_touch_date", "Datetime", _("First Touch")),
    _field("trackflow_last_touch_date", "Datetime", _("Last Touch")),
    _field("trackflow_touch_count", "Int", _("Touches")),
    _field("trackflow_visitor_id", "Data", _("Visitor ID"), search_index=1, length=64),
)

CUSTOM_FIELDS: dict[str, list[dict]] = {
    "CRM Lead": _tab(*_TOUCH_FIELDS, *_ORIGIN),
    "CRM Deal": _tab(
        *_TOUCH_FIELDS,
        _field("trackflow_credit_section", "Section Break", _("Attribution")),
        _field("trackflow_attribution_model", "Link", _("Attribution Model"), options="Attribution Model"),
        _field("trackflow_marketing_influenced", "Check", _("Marketing Influenced")),
        _field("trackflow_credit_column_break", "Column Break", ""),
        _field("trackflow_first_touch_source", "Data", _("Source of First Touch")),
        _field("trackflow_last_touch_source", "Data", _("Source of Last Touch")),
        *_ORIGIN,
    ),
    "CRM Organization": _tab(
        _field("trackflow_visitor_id", "Data", _("Visitor ID"), length=64),
        _field("trackflow_engagement_score", "Float", _("Engagement Score"), precision="1"),
        _field("trackflow_last_campaign", "Data", _("Last Campaign")),
        *_ORIGIN,
    ),
}
# Who has written what TrackFlow adds to the timelines of leads and deals.
COMMENT_BY = "TrackFlow"
_LAYOUT = ("Tab Break", "Section Break", "Column Break", "HTML")


def fieldnames(doctype: str) -> list[str]:
    """Return the names of TrackFlow's fields of ``doctype`` that hold values."""
    return [field["fieldname"] for field in CUSTOM_FIELDS[doctype] if field["fieldtype"] not in _LAYOUT]


def create() -> None:
    """Create what is missing on those DocTypes that the site has; what is there may have been customised."""
    present = {
        doctype: fields for doctype, fields in CUSTOM_FIELDS.items() if frappe.db.exists("DocType", doctype)
    }
    placed = {doctype: _placed(doctype, fields) for doctype, fields in present.items()}
    create_custom_fields(placed, update=False)


def delete() -> None:
    """Delete the fields, their columns and what users' customisations say about them."""
    for doctype, fields in CUSTOM_FIELDS.items():
        names = [field["fieldname"] for field in fields]
        frappe.db.delete("Property Setter", {"doc_type": doctype, "field_name": ("in", names)})
        frappe.db.delete("Custom Field", {"dt": doctype, "fieldname": ("in", names)})
        if frappe.db.table_exists(doctype):
            _drop_columns(doctype)
        frappe.clear_cache(doctype=doctype)


def _placed(doctype: str, fields: list[dict]) -> list[dict]:
    """Put the fields behind the last one that is not ours, each behind the one before."""
    own = {field["fieldname"] for field in fields}
    others = [field.fieldname for field in frappe.get_meta(doctype).fields if field.fieldname not in own]
    before = [others[-1], *(field["fieldname"] for field in fields)]
    return [{**field, "insert_after": place} for field, place in zip(fields, before, strict=False)]


def _drop_columns(doctype: str) -> None:
    present = set(frappe.db.get_table_columns(doctype))
    for name in fieldnames(doctype):
        if name in present:
            # Both names stand in CUSTOM_FIELDS; a column name can't be a parameter.
            frappe.db.sql_ddl("ALTER TABLE `tab" + doctype + "` DROP COLUMN `" + name + "`")
