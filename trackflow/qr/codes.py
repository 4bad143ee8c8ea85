"""QR codes of tracked links: in the link's own style, stored with it, and as files of any size."""

from collections.abc import Sequence

import frappe
from frappe import _
from frappe.model.document import Document

from trackflow import jobs, messages, short_urls
from trackflow.domain import qr_styles
from trackflow.domain.errors import Refused
from trackflow.domain.qr_styles import QrStyle
from trackflow.qr import drawing as qr_drawing
from trackflow.qr import sheets as qr_sheets
from trackflow.qr.drawing import Logo

# What of a link changes its stored code.
STYLE_FIELDS = ("qr_dark", "qr_light", "qr_margin", "qr_error_correction", "qr_logo")
REDRAW_BATCH = 100
# More take longer to draw than somebody waits for a page.
MOST_ON_A_SHEET = 1000


def style_of(link: Document | dict, **changes: object) -> QrStyle:
    """Return the style of ``link`` with ``changes`` (dark, light, margin, error_correction) that are not empty.

    Raises Refused for what can't be scanned.
    """
    named = {name: link.get(f"qr_{name}") for name in ("dark", "light", "margin", "error_correction")}
    named |= {name: value for name, value in changes.items() if value not in (None, "")}
    level = named.pop("error_correction")
    return qr_styles.style(**named, level=level, has_logo=bool(link.get("qr_logo")))


def stored_svg(link: Document) -> str:
    """Return what a link stores as its QR code, or end the request with a sentence that says what to change."""
    try:
        if link.qr_logo and link.has_value_changed("qr_logo"):
            check_logo(link.qr_logo)
        return qr_drawing.svg(link.short_url, style_of(link), logo=logo_of(link))
    except Refused as refused:
        messages.throw(refused, _("This QR code can't be drawn"))


def file_of(link: Document, file_format: str, size: object = None, **changes: object) -> str | bytes:
    """Return the QR code of ``link`` as "png" or "svg", ``size`` pixels wide, with ``changes`` as for style_of."""
    draw = {"png": qr_drawing.png, "svg": qr_drawing.svg}[file_format]
    try:
        style, pixels = style_of(link, **changes), qr_styles.pixels(size)
        return draw(link.short_url, style, pixels, logo_of(link))
    except Refused as refused:
        messages.throw(refused, _("This QR code can't be drawn"))


def logo_of(link: Document | dict) -> Logo | None:
    """Return the logo of ``link``; raises Refused if its file is no picture, or gone."""
    if not link.get("qr_logo"):
        return None
    file = _file(link.get("qr_logo"))
    try:
        content = file.get_content()
    except OSError:
        raise Refused("qr_logo_missing") from None
    return qr_drawing.read_logo(content.encode() if isinstance(content, str) else content)


def check_logo(file_url: str) -> None:
    """Refuse a logo that is not on this site, or that the user may not see: the code would show it to everybody."""
    _file(file_url).check_permission("read")


def _file(file_url: str) -> Document:
    # Never fetched from elsewhere: a server that fetches what it is told to can be told to fetch secrets.
    name = frappe.db.get_value("File", {"file_url": file_url}, order_by="creation desc")
    if not name or not file_url.startswith(("/files/", "/private/files/")):
        raise Refused("qr_logo_missing")
    return frappe.get_doc("File", name)


# ---------------------------------------------------------------- sheets for print


def sheet_of(campaign: str, page_size: str, per_page: int) -> bytes:
    """Return a PDF with the codes of the active links of ``campaign`` that the user may see, by title.

    Raises ValidationError if there are none or too many, or for pages that are not in qr_sheets.PAGES and GRIDS.
    """
    return _sheet({"campaign": campaign, "status": "Active"}, campaign, page_size, per_page)


def sheet_of_links(names: Sequence[str], page_size: str, per_page: int) -> bytes:
    """Return a PDF with the codes of these links, of those that the user may see; raises as ``sheet_of``."""
    return _sheet({"name": ("in", list(names))}, _("QR Codes"), page_size, per_page)


def _sheet(which: dict, title: str, page_size: str, per_page: int) -> bytes:
    if page_size not in qr_sheets.PAGES or per_page not in qr_sheets.GRIDS:
        choices = ", ".join(map(str, qr_sheets.GRIDS))
        frappe.throw(_("Choose A4 or Letter, and {0} codes on a page.").format(choices))
    fields = ["name", "title", "short_code", "domain", *STYLE_FIELDS]
    links = frappe.get_list(
        "Tracked Link",
        which,
        fields,
        order_by="title asc, name asc",
        limit_page_length=MOST_ON_A_SHEET + 1,
    )
    if not links:
        frappe.throw(_("There are no links to print codes of. The sheet of a campaign has its active links."))
    if len(links) > MOST_ON_A_SHEET:
        sentence = _(
            "A sheet has {0} codes at most. Choose fewer links, or pause those that you don't want to print."
        )
        frappe.throw(sentence.format(MOST_ON_A_SHEET))
    bases = {domain: short_urls.base_url(domain) for domain in {link.domain for link in links}}
    labels = [_label(link, f"{bases[link.domain]}/r/{link.short_code}") for link in links]
    return qr_sheets.sheet(labels, title, page_size, per_page)


def _label(link: dict, url: str) -> qr_sheets.Label:
    style, logo = _look_of(link)
    return qr_sheets.Label(link.title or link.short_code, url, style, logo)


# ---------------------------------------------------------------- when the domain changes


def redraw_later() -> None:
    """Draw all stored QR codes again in the background, because the address in them is about to change."""
    jobs.enqueue_after_commit("trackflow.qr.codes.redraw")


def redraw() -> None:
    """Background job: bring the QR codes of all links up to date with the domain of short URLs."""
    jobs.begin("trackflow.qr.codes.redraw")
    fields = ["name", "short_code", "domain", *STYLE_FIELDS]
    links = frappe.get_all("Tracked Link", fields=fields, order_by="name asc")
    bases = {domain: short_urls.base_url(domain) for domain in {link.domain for link in links}}
    for start in range(0, len(links), REDRAW_BATCH):
        for link in links[start : start + REDRAW_BATCH]:
            qr_code = _redrawn(link, f"{bases[link.domain]}/r/{link.short_code}")
            frappe.db.set_value("Tracked Link", link.name, "qr_code", qr_code, update_modified=False)
        # Thousands of links would hold their locks, and with them the counting of clicks, for minutes.
        frappe.db.commit()


def _redrawn(link: dict, url: str) -> str:
    style, logo = _look_of(link)
    return qr_drawing.svg(url, style, logo=logo)


def _look_of(link: dict) -> tuple[QrStyle, Logo | None]:
    """A look that can't be drawn any more, for a logo that was deleted, must not keep an old address alive."""
    try:
        return style_of(link), logo_of(link)
    except Refused:
        return QrStyle(), None
