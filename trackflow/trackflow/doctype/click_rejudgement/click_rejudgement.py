import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, getdate

from trackflow.corrections import rejudge

# A background job of ten million clicks may take hours; whatever ends it, it can be continued.
TIMEOUT_SECONDS = 6 * 60 * 60


class ClickRejudgement(Document):
    """Clicks of some days that are judged again, in the background, with the rules of today."""

    def validate(self) -> None:
        if getdate(self.to_date) < getdate(self.from_date):
            frappe.throw(_("The days end before they begin. Change one of the two dates."))
        if self.is_new():
            self.update({"status": "Waiting", "clicks": 0, "judged": 0, "changed": 0, "error_message": None})

    def after_insert(self) -> None:
        self._enqueue()

    @frappe.whitelist()
    def continue_work(self) -> None:
        """Begin again after a failure or a killed worker. What is judged already is passed over quickly."""
        self.check_permission("write")
        self._enqueue()

    def _enqueue(self) -> None:
        frappe.enqueue(
            "trackflow.trackflow.doctype.click_rejudgement.click_rejudgement.work",
            queue="long",
            timeout=TIMEOUT_SECONDS,
            enqueue_after_commit=True,
            rejudgement=self.name,
        )

    def span(self) -> rejudge.Span:
        return rejudge.Span(getdate(self.from_date), getdate(self.to_date), self.tracked_link or "")


def work(rejudgement: str) -> None:
    """The background job."""
    doc = frappe.get_doc("Click Rejudgement", rejudgement)
    _tell(rejudgement, status="Running", clicks=rejudge.total(doc.span()), judged=0, error_message=None)
    try:
        _judge(doc)
    except Exception as error:
        frappe.db.rollback()
        _tell(rejudgement, status="Failed", error_message=f"{type(error).__name__}: {error}"[:1000])
        frappe.log_error(f"TrackFlow: clicks could not be judged again ({rejudgement})")
        raise
    _tell(rejudgement, status="Finished")


def _judge(doc: ClickRejudgement) -> None:
    judged, total = 0, cint(frappe.db.get_value(doc.doctype, doc.name, "clicks"))
    for clicks, changed in rejudge.run(doc.span(), doc.name):
        judged += clicks
        before = cint(frappe.db.get_value(doc.doctype, doc.name, "changed"))
        _tell(doc.name, judged=judged, changed=before + changed)
        frappe.publish_progress(
            100 * judged / max(total, judged),
            title=_("Judging Clicks"),
            doctype=doc.doctype,
            docname=doc.name,
        )


def _tell(rejudgement: str, **values: str | int | None) -> None:
    frappe.db.set_value("Click Rejudgement", rejudgement, values)
    # Batches are committed one by one, and so is what is told of them.
    frappe.db.commit()
