"""Sheets of QR codes as PDF, for print and scissors. Nothing in here knows of Frappe."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from trackflow.domain.qr_styles import QrStyle
from trackflow.qr import drawing as qr_drawing
from trackflow.qr.drawing import Logo

PAGES = {"A4": A4, "Letter": LETTER}
# Codes on a page: (columns, rows).
GRIDS = {1: (1, 1), 2: (1, 2), 4: (2, 2), 6: (2, 3), 12: (3, 4), 20: (4, 5), 30: (5, 6)}
# Printers leave less than this at the edges of the paper.
EDGE = 12 * mm
FOOTER = 6 * mm
GAP = 2 * mm
GREY = HexColor("#999999")
FONT = "DejaVuSans"


@dataclass(frozen=True)
class Label:
    """What stands in one field of a sheet."""

    title: str
    url: str
    style: QrStyle
    logo: Logo | None = None


@dataclass(frozen=True)
class _Box:
    """A rectangle on the page in points, from its lower left corner."""

    x: float
    y: float
    width: float
    height: float


def sheet(labels: Sequence[Label], title: str, page: str = "A4", per_page: int = 12) -> bytes:
    """Return a PDF with ``labels`` in the order of reading, ``per_page`` (a key of GRIDS) on each ``page``.

    Codes are drawn as shapes, so they are sharp at any size; ``title`` stands at the foot of each page.
    """
    buffer = io.BytesIO()
    _use_font()
    canvas = Canvas(buffer, pagesize=PAGES[page], pageCompression=1)
    canvas.setTitle(title)
    pages = [labels[i : i + per_page] for i in range(0, len(labels), per_page)]
    for number, on_page in enumerate(pages, start=1):
        _draw_page(canvas, on_page, GRIDS[per_page], PAGES[page])
        _draw_footer(canvas, title, f"{number} / {len(pages)}", PAGES[page])
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@cache
def _use_font() -> None:
    pdfmetrics.registerFont(TTFont(FONT, Path(__file__).parent / "fonts" / "DejaVuSans.ttf"))


def _draw_page(
    canvas: Canvas, labels: Sequence[Label], grid: tuple[int, int], size: tuple[float, float]
) -> None:
    boxes = list(_boxes(grid, size))
    _draw_cuts(canvas, grid, size)
    for label, box in zip(labels, boxes, strict=False):
        _draw_label(canvas, label, box)


def _boxes(grid: tuple[int, int], size: tuple[float, float]) -> Iterator[_Box]:
    columns, rows = grid
    width, height = (size[0] - 2 * EDGE) / columns, (size[1] - 2 * EDGE - FOOTER) / rows
    for row in range(rows):
        for column in range(columns):
            yield _Box(EDGE + column * width, size[1] - EDGE - (row + 1) * height, width, height)


def _draw_cuts(canvas: Canvas, grid: tuple[int, int], size: tuple[float, float]) -> None:
    """Dotted lines between the fields, where to cut."""
    columns, rows = grid
    left, right, bottom, top = EDGE, size[0] - EDGE, EDGE + FOOTER, size[1] - EDGE
    canvas.setStrokeColor(GREY)
    canvas.setLineWidth(0.4)
    canvas.setDash(1, 3)
    for column in range(1, columns):
        x = left + column * (right - left) / columns
        canvas.line(x, bottom, x, top)
    for row in range(1, rows):
        y = bottom + row * (top - bottom) / rows
        canvas.line(left, y, right, y)
    canvas.setDash()


def _draw_label(canvas: Canvas, label: Label, box: _Box) -> None:
    """The code at the top of the field, title and short URL below, all in the middle of it."""
    text = max(6.0, min(14.0, box.width / 16))
    room = 3.2 * text
    side = min(box.width - 2 * GAP, box.height - 2 * GAP - room)
    bottom = box.y + (box.height - side - room) / 2
    _draw_code(canvas, label, _Box(box.x + (box.width - side) / 2, bottom + room, side, side))
    middle, width = box.x + box.width / 2, box.width - 2 * GAP
    canvas.setFillColor(HexColor("#000000"))
    _draw_line(canvas, label.title, middle, bottom + 1.9 * text, width, text)
    canvas.setFillColor(HexColor("#444444"))
    _draw_url(
        canvas, label.url.partition("://")[2] or label.url, middle, bottom + 0.6 * text, width, 0.85 * text
    )


def _draw_code(canvas: Canvas, label: Label, box: _Box) -> None:
    style, rows = label.style, qr_drawing.modules(label.url, label.style.level)
    unit = box.width / (len(rows) + 2 * style.margin)
    canvas.setFillColor(HexColor(style.light))
    canvas.rect(box.x, box.y, box.width, box.height, stroke=0, fill=1)
    canvas.setFillColor(HexColor(style.dark))
    # One path, because printers leave hair lines between shapes that touch.
    path = canvas.beginPath()
    for x, y, length in qr_drawing.runs(rows):
        left, top = (x + style.margin) * unit, (y + style.margin) * unit
        path.rect(box.x + left, box.y + box.height - top - unit, length * unit, unit)
    canvas.drawPath(path, stroke=0, fill=1)
    if label.logo:
        _draw_logo(canvas, label, box, unit, len(rows))


def _draw_logo(canvas: Canvas, label: Label, box: _Box, unit: float, count: int) -> None:
    first, hidden = qr_drawing.logo_box(count)
    corner, side = (first + label.style.margin) * unit, hidden * unit
    canvas.setFillColor(HexColor(label.style.light))
    canvas.rect(box.x + corner, box.y + corner, side, side, stroke=0, fill=1)
    x, y, width, height = (unit * part for part in qr_drawing.logo_place(count, label.logo))
    start = label.style.margin * unit
    picture = ImageReader(io.BytesIO(label.logo.png))
    canvas.drawImage(picture, box.x + start + x, box.y + start + y, width, height, mask="auto")


def _draw_footer(canvas: Canvas, title: str, number: str, size: tuple[float, float]) -> None:
    canvas.setFillColor(GREY)
    canvas.setFont(FONT, 7)
    canvas.drawString(EDGE, EDGE, _clipped(title, 7, size[0] - 2 * EDGE - 60))
    canvas.drawRightString(size[0] - EDGE, EDGE, number)


def _draw_line(canvas: Canvas, text: str, middle: float, y: float, width: float, size: float) -> None:
    canvas.setFont(FONT, size)
    canvas.drawCentredString(middle, y, _clipped(text, size, width))


def _draw_url(canvas: Canvas, url: str, middle: float, y: float, width: float, size: float) -> None:
    """A URL is typed off the paper, so it becomes small rather than short."""
    fitting = min(size, size * width / pdfmetrics.stringWidth(url, FONT, size))
    canvas.setFont(FONT, fitting)
    canvas.drawCentredString(middle, y, url)


def _clipped(text: str, size: float, width: float) -> str:
    text = " ".join(text.split())
    if pdfmetrics.stringWidth(text, FONT, size) <= width:
        return text
    while text and pdfmetrics.stringWidth(text + "…", FONT, size) > width:
        text = text[:-1]
    return text.rstrip() + "…"
