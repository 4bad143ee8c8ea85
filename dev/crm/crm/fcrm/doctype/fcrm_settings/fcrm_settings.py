"""Settings of the CRM, the portal's user menu among them."""

import frappe
from frappe import _
from frappe.model.document import Document

from crm.install import after_install


class FCRMSettings(Document):
    """Settings of the CRM."""

    def validate(self):
        """Standard entries of the menu can be hidden, not deleted."""
        before = self.get_doc_before_save()
        lost = _standard_names(before) - _standard_names(self) if before else set()
        if lost:
            frappe.throw(
                _("These entries are standard and can't be deleted: {0}").format(", ".join(sorted(lost)))
            )

    @frappe.whitelist()
    def restore_defaults(self, force: bool = False):
        """Insert the master data that is missing; with `force` the layouts start afresh."""
        after_install(force)


def _standard_names(settings: Document) -> set[str]:
    return {item.name1 for item in settings.dropdown_items if item.is_standard}


def after_migrate() -> None:
    """Bring the menu into line with the apps' hooks: add what is new at its place, drop what no app has any more.

    As in Frappe CRM before 1.44, `validate` refuses the second: an app that leaves must take its standard entry along.
    """
    settings = frappe.get_single("FCRM Settings")
    hooked = frappe.get_hooks("standard_dropdown_items")
    wanted = {item.get("name1") for item in hooked}
    items = list(settings.dropdown_items)
    present = {item.name1 for item in items}
    for position, item in enumerate(hooked):
        if item.get("name1") not in present:
            items.insert(position, item)
    kept = [item for item in items if not item.get("is_standard") or item.get("name1") in wanted]
    settings.set("dropdown_items", kept)
    settings.save()
