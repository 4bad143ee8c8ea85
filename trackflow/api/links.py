"""Tracked links for programs and forms."""

from typing import Literal

import frappe
from frappe import _

from trackflow import short_urls


@frappe.whitelist(methods=["GET"])
def qr_code(link: str, file_format: Literal["png", "svg"] = "png") -> None:
    """Answer with the QR code of a tracked link as a file. Raises PermissionError without read permission."""
    if file_format not in ("png", "svg"):
        frappe.throw(_("QR codes come as png or svg."))
    doc = frappe.get_doc("Tracked Link", link)
    doc.check_permission("read")
    draw = short_urls.qr_png if file_format == "png" else short_urls.qr_svg
    frappe.response["type"] = "download"
    frappe.response["filename"] = f"{doc.short_code}.{file_format}"
    frappe.response["filecontent"] = draw(doc.short_url)
