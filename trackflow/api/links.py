"""Tracked links for programs and forms."""

import frappe
from frappe import _

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
