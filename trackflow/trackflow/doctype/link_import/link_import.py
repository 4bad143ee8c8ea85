import frappe
from frappe import _
from frappe.model.document import Document

from trackflow.imports import jobs as import_jobs

SOURCE = ("import_format", "link_template", "import_file", "pasted_text", "campaign", "tags")
# Said by trackflow/imports/jobs.py alone.
PROGRESS = (
    "status", "message", "last_activity", "total_rows", "created_count", "failed_count", "progress",
    "clicks_elsewhere", "columns",
)  # fmt: skip


class LinkImport(Document):
    """Many links at once, from a file or a list."""

    def validate(self) -> None:
        if self.import_format != "CSV":
            self.link_template = None
        before = self.get_doc_before_save()
        self._keep_progress(before)
        if before and before.status != "Draft" and any(self.has_value_changed(name) for name in SOURCE):
            frappe.throw(_("This import has begun and can't be changed. Make a new one."))
        self._check_source()

    def on_trash(self) -> None:
        if import_jobs.is_at_work(self):
            frappe.throw(_("This import is at work. Stop it before you delete it."))
        frappe.db.delete("Link Import Row", {"link_import": self.name})

    def _keep_progress(self, before: Document | None) -> None:
        for name in PROGRESS:
            self.set(name, before.get(name) if before else self.meta.get_field(name).default)

    def _check_source(self) -> None:
        has_text = bool((self.pasted_text or "").strip())
        if self.import_file and has_text:
            frappe.throw(_("Choose either a file or a pasted text."))
        if not self.import_file and not has_text:
            frappe.throw(_("Attach a file or paste the links."))
