"""The same change to many links or campaigns: each on its own, and told row by row what could not be changed and why."""

from collections.abc import Callable, Sequence

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import strip_html

LINK, CAMPAIGN = "Tracked Link", "Link Campaign"
STATUSES = {LINK: ("Active", "Paused", "Archived"), CAMPAIGN: ("Active", "Paused", "Completed")}
# What somebody can tick in a list, and waits for.
MOST = 500


def set_status(doctype: str, names: Sequence[str], status: str) -> dict:
    """Give links or campaigns that status.

    Returns ``{"changed", "unchanged", "failed"}``: how many were changed, how many had it already, and
    ``[{"name", "title", "reason"}]`` for those that stay as they were. Raises ValidationError for a status that there
    is not, and for more than ``MOST``.
    """
    if status not in STATUSES[doctype]:
        known = ", ".join(map(_, STATUSES[doctype]))
        frappe.throw(_("{0} can be {1}, nothing else.").format(_(doctype), known))
    return _change(doctype, names, {"status": status})


def move_links(names: Sequence[str], campaign: str) -> dict:
    """Put links into ``campaign``, "" for none; returns what ``set_status`` does.

    Raises PermissionError for those who may not read the campaign, DoesNotExistError if there is none.
    """
    if campaign:
        frappe.get_doc(CAMPAIGN, campaign).check_permission("read")
    return _change(LINK, names, {"campaign": campaign or None})


def _change(doctype: str, names: Sequence[str], values: dict) -> dict:
    if len(names) > MOST:
        frappe.throw(_("Choose {0} at most at a time.").format(MOST))
    result = {"changed": 0, "unchanged": 0, "failed": []}
    # In the order in which clicks are counted, so that a drain and this can't wait for each other.
    for name in sorted(set(names)):
        outcome = _on_its_own(lambda name=name: _change_one(doctype, name, values))
        if outcome in ("changed", "unchanged"):
            result[outcome] += 1
        else:
            result["failed"].append({"name": name, "title": _title(doctype, name), "reason": outcome})
    return result


def _change_one(doctype: str, name: str, values: dict) -> str:
    doc = frappe.get_doc(doctype, name)
    doc.check_permission("write")
    if all((doc.get(field) or None) == value for field, value in values.items()):
        return "unchanged"
    doc.update(values)
    doc.save()
    _check_it_took(doc, values)
    return "changed"


def _check_it_took(doc: Document, values: dict) -> None:
    """A campaign follows its dates, whatever status somebody wants."""
    if values.get("status", doc.status) != doc.status:
        frappe.throw(_("Its dates make it {0}.").format(_(doc.status)))


def _on_its_own(work: Callable[[], str]) -> str:
    """Return what ``work`` does, which is committed, or why it could not, everything that it did being undone."""
    told = len(frappe.local.message_log)
    try:
        outcome = work()
    except (frappe.ValidationError, frappe.PermissionError) as refused:
        frappe.db.rollback()
        # It is told in its row, not in a box of its own, and the request as a whole has not failed.
        del frappe.local.message_log[told:]
        frappe.local.response.pop("exc_type", None)
        return strip_html(str(refused)) or _("You may not change it.")
    # Each stands on its own, and the row locks should not add up.
    frappe.db.commit()
    return outcome


def _title(doctype: str, name: str) -> str:
    """Return what a link or campaign is called, for those who may read it; for all others what they called it."""
    if not (frappe.db.exists(doctype, name) and frappe.has_permission(doctype, "read", name)):
        return name
    field = frappe.get_meta(doctype).get_title_field()
    return frappe.db.get_value(doctype, name, field) or name
