"""Link templates for forms."""

import frappe

from trackflow.link_templates import templates as link_templates


@frappe.whitelist(methods=["POST"])
def preview(url_template: str, variables: str | list, values: str | dict) -> dict:
    """Return ``{"url", "errors", "problems"}`` for a template as it stands in a form, saved or not.

    ``variables`` are rows of Template Variable, ``values`` texts by variable. Raises PermissionError for
    those who may not read link templates.
    """
    frappe.has_permission("Link Template", "read", throw=True)
    rows = [row for row in frappe.parse_json(variables) if isinstance(row, dict)]
    return link_templates.preview(url_template, rows, values)
