import frappe
from frappe import _
from frappe.model.document import Document

from trackflow.link_templates import templates as link_templates


class LinkTemplate(Document):
    """A pattern from which links are made."""

    def validate(self) -> None:
        self.url_template = (self.url_template or "").strip()
        for variable in self.variables:
            variable.variable_name = (variable.variable_name or "").strip()
        problems = link_templates.problems_of(self.url_template, self.variables)
        if problems:
            frappe.throw("<br>".join(problems), title=_("This template can't be used yet"))
