"""Link templates: read from the database, filled in, and what links keep of them."""

from collections.abc import Iterable

import frappe
from frappe.model.document import Document
from frappe.utils import cstr

from trackflow import messages
from trackflow.domain import templates
from trackflow.domain.errors import Refused
from trackflow.domain.template_values import Variable


def variables_of(rows: Iterable[dict]) -> list[Variable]:
    """Return the variables in ``rows`` of Template Variable. Raises Refused if rules are no JSON object."""
    return [
        Variable(
            name=cstr(row.get("variable_name")).strip(),
            kind=cstr(row.get("variable_type")) or "Text",
            default=cstr(row.get("default_value")),
            rules=_rules(row),
        )
        for row in rows
    ]


def _rules(row: dict) -> dict:
    try:
        rules = frappe.parse_json(row.get("validation_rules") or {})
    except ValueError:
        rules = None
    if not isinstance(rules, dict):
        raise Refused("rules_malformed", variable=cstr(row.get("variable_name")))
    return rules


def problems_of(url_template: str, rows: Iterable[dict]) -> list[str]:
    """Return a sentence for each thing that keeps a template from being used."""
    try:
        refusals = templates.problems(cstr(url_template).strip(), variables_of(rows))
    except Refused as refused:
        refusals = [refused]
    return [messages.explain(refused) for refused in refusals]


def preview(url_template: str, rows: Iterable[dict], values: object) -> dict:
    """Return ``{"url", "errors", "problems"}``: what ``values`` make of a template that need not be saved.

    ``errors`` are sentences by variable, and under "" about the URL; ``problems`` those of the template.
    """
    rows = list(rows)
    if problems := problems_of(url_template, rows):
        return {"url": "", "errors": {}, "problems": problems}
    try:
        texts = check_values(values)
    except Refused as refused:
        return {"url": "", "errors": {"": messages.explain(refused)}, "problems": []}
    filled = templates.fill(cstr(url_template).strip(), variables_of(rows), texts)
    errors = {name: messages.explain(refused) for name, refused in filled.errors.items()}
    return {"url": filled.url, "errors": errors, "problems": []}


def check_values(values: object) -> dict[str, str]:
    """Return the values that came with a link, as texts. Raises Refused if they are no names with values."""
    try:
        parsed = frappe.parse_json(values or {})
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict) or any(isinstance(value, dict | list) for value in parsed.values()):
        raise Refused("values_malformed")
    return {name: cstr(value) for name, value in parsed.items()}


def destination_of(link: Document) -> str:
    """Return the destination that the template of a new link gives with its values. Raises Refused."""
    template = frappe.get_cached_doc("Link Template", link.link_template)
    template.check_permission("read")
    if not template.is_active:
        raise Refused("template_inactive", template=template.name)
    filled = templates.fill(
        template.url_template, variables_of(template.variables), check_values(link.template_values)
    )
    for refused in filled.errors.values():
        raise refused
    return filled.url
