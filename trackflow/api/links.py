"""Tracked links for programs and forms."""

import frappe
from frappe import _
from frappe.utils import cint

from trackflow import campaign_copies
from trackflow.panels import link as link_panel
from trackflow.qr import codes as qr_codes


@frappe.whitelist(methods=["GET"])
def qr_code(
    link: str,
    file_format: str = "png",
    size: int | str | None = None,
    dark: str = "",
    light: str = "",
    margin: int | str | None = None,
    error_correction: str = "",
) -> None:
    """Answer with the QR code of a tracked link as a file, "png" or "svg".

    ``size`` is the width in pixels; what is left out is as the link has it. Raises PermissionError without read
    permission, ValidationError for what can't be drawn or scanned.
    """
    if file_format not in ("png", "svg"):
        frappe.throw(_("QR codes come as png or svg."))
    doc = frappe.get_doc("Tracked Link", link)
    doc.check_permission("read")
    changes = {"dark": dark, "light": light, "margin": margin, "error_correction": error_correction}
    frappe.response["filecontent"] = qr_codes.file_of(doc, file_format, size, **changes)
    frappe.response["type"] = "download"
    frappe.response["filename"] = f"{doc.short_code}.{file_format}"


@frappe.whitelist(methods=["POST"])
def preview(values: str | dict) -> dict[str, str]:
    """Return ``{"url", "problem"}``: where a link with these ``values`` (by field) would lead, or why it can't be saved.

    Raises PermissionError for those who may not read links.
    """
    frappe.has_permission("Tracked Link", "read", throw=True)
    return link_panel.preview(frappe.parse_json(values) or {})


@frappe.whitelist(methods=["GET", "POST"])
def overview(link: str) -> dict:
    """Return what became of a link, see ``panels.link.overview``. Raises PermissionError without read permission."""
    frappe.get_doc("Tracked Link", link).check_permission("read")
    frappe.has_permission("Click Event", "read", throw=True)
    return link_panel.overview(link)


@frappe.whitelist(methods=["POST"])
def duplicate(link: str) -> str:
    """Make a link like ``link`` with a new code, nothing counted; return its name. Needs the right to create links."""
    return campaign_copies.duplicate_link(link)


@frappe.whitelist(methods=["POST"])
def qr_sheet(links: str | list, page_size: str = "A4", per_page: int | str = 12) -> None:
    """Answer with a PDF of the QR codes of these links, of those that the user may see.

    ``per_page`` codes on each "A4" or "Letter" page. Raises ValidationError where there is nothing to print.
    """
    names = [str(name) for name in frappe.parse_json(links) or []]
    frappe.response["filecontent"] = qr_codes.sheet_of_links(names, page_size, cint(per_page))
    frappe.response["type"] = "pdf"
    frappe.response["filename"] = "qr-codes.pdf"
