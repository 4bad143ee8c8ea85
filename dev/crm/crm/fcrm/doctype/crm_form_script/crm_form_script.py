"""Scripts that the portal runs on its own forms and lists."""

import frappe
from frappe import _
from frappe.model.document import Document

UNATTENDED = ("in_install", "in_patch", "in_test", "in_fixtures")


class CRMFormScript(Document):
    """A script that the portal runs on its own forms or lists."""

    def validate(self):
        """Outside developer mode nothing but `enabled` of a standard script can be changed."""
        unattended = any(frappe.flags.get(flag) for flag in UNATTENDED)
        if unattended or self.is_new() or not self.is_standard or frappe.conf.developer_mode:
            return
        if not self.has_value_changed("enabled"):
            frappe.throw(_("A standard form script can be edited in developer mode only"))
        enabled = self.enabled
        self.reload()
        self.enabled = enabled


def get_form_script(dt: str, view: str = "Form") -> str | list[str] | None:
    """The enabled scripts of a DocType: the only one, or a list of several."""
    filters = {"dt": dt, "view": view, "enabled": 1}
    scripts = frappe.get_all("CRM Form Script", filters=filters, pluck="script", order_by="creation")
    return scripts if len(scripts) > 1 else next(iter(scripts), None)
