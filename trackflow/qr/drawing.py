"""QR codes as SVG and PNG. Nothing in here knows of Frappe."""

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import qrcode
from PIL import Image, ImageOps, UnidentifiedImageError

from trackflow.domain.errors import Refused
from trackflow.domain.qr_styles import QrStyle

# What an image gets that nobody asked for a size for.
PIXELS_PER_MODULE = 10
# A logo with its margin takes at most this share of the width, which is 9 % of the area; Q corrects 25 %.
LOGO_SHARE = 0.3
MAX_LOGO_BYTES = 5_000_000
# Named because Pillow knows dozens, some of which start other programs.
_LOGO_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
LOGO_PIXELS = 256
# Choosing the best of the eight masks takes seven eighths of the time, and readers read all of them.
MASK = 3

_LEVELS = {
    "L": qrcode.constants.ERROR_CORRECT_L,
    "M": qrcode.constants.ERROR_CORRECT_M,
    "Q": qrcode.constants.ERROR_CORRECT_Q,
    "H": qrcode.constants.ERROR_CORRECT_H,
}


@dataclass(frozen=True)
class Logo:
    """A picture for the middle of a code, as a PNG of at most LOGO_PIXELS; light shows where it is transparent."""

    png: bytes
    width: int
    height: int


def modules(url: str, level: str) -> list[list[bool]]:
    """Return the modules of the QR code for ``url``, row by row, True for dark ones, without a margin."""
    code = qrcode.QRCode(error_correction=_LEVELS[level], mask_pattern=MASK)
    code.add_data(url)
    code.make()
    return code.modules


def svg(url: str, style: QrStyle, pixels: int = 0, logo: Logo | None = None) -> str:
    """Return the QR code of ``url`` as an SVG document, ``pixels`` wide and high (0: 10 for each module)."""
    rows = modules(url, style.level)
    width = len(rows) + 2 * style.margin
    pixels = pixels or width * PIXELS_PER_MODULE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{pixels}" viewBox="0 0 {width} {width}"'
        f' shape-rendering="crispEdges"><rect width="{width}" height="{width}" fill="{style.light}"/>'
        f'<path d="{_path(rows, style.margin)}" fill="{style.dark}"/>'
        f"{_svg_logo(len(rows), style, logo) if logo else ''}</svg>"
    )


def png(url: str, style: QrStyle, pixels: int = 0, logo: Logo | None = None) -> bytes:
    """Return the QR code of ``url`` as a PNG, as svg does. All modules are equally large; the rest is margin.

    Raises Refused if the code does not fit into ``pixels``.
    """
    rows = modules(url, style.level)
    width = len(rows) + 2 * style.margin
    pixels = pixels or width * PIXELS_PER_MODULE
    scale = pixels // width
    if scale < 2:
        raise Refused("qr_too_small", pixels=pixels, least=2 * width)
    image = Image.new("P", (pixels, pixels), 0)
    image.putpalette([int(colour[i : i + 2], 16) for colour in (style.light, style.dark) for i in (1, 3, 5)])
    matrix = Image.new("P", (len(rows), len(rows)))
    matrix.putdata([int(dark) for row in rows for dark in row])
    start = (pixels - scale * len(rows)) // 2
    image.paste(matrix.resize((scale * len(rows),) * 2, Image.NEAREST), (start, start))
    if logo:
        image = _with_logo(image, start, scale, len(rows), style, logo)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def read_logo(content: bytes) -> Logo:
    """Return the logo in an image file (PNG, JPEG, GIF, WebP). Raises Refused for anything else, or too much of it."""
    if len(content) > MAX_LOGO_BYTES:
        raise Refused("qr_logo_too_large", megabytes=MAX_LOGO_BYTES // 1_000_000)
    try:
        # A half file is refused, although Frappe tells Pillow to fill in what is missing.
        Image.open(io.BytesIO(content), formats=_LOGO_FORMATS).verify()
        image = Image.open(io.BytesIO(content), formats=_LOGO_FORMATS)
        image.draft("RGB", (LOGO_PIXELS, LOGO_PIXELS))
        image = ImageOps.exif_transpose(image).convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        raise Refused("qr_logo_unreadable") from None
    image.thumbnail((LOGO_PIXELS, LOGO_PIXELS))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return Logo(buffer.getvalue(), *image.size)


def runs(rows: list[list[bool]]) -> Iterator[tuple[int, int, int]]:
    """Yield (x, y, length) of each run of dark modules in a row."""
    for y, row in enumerate(rows):
        x = 0
        for dark, group in groupby(row):
            length = len(list(group))
            if dark:
                yield x, y, length
            x += length


def _path(rows: list[list[bool]], margin: int) -> str:
    """Return the dark modules as SVG path data, one rectangle for each run in a row."""
    return "".join(f"M{x + margin} {y + margin}h{length}v1h-{length}z" for x, y, length in runs(rows))


def logo_box(count: int) -> tuple[int, int]:
    """Return (first module, number of modules) that the logo hides in both directions of a code ``count`` wide.

    The number is odd as ``count`` always is, so the logo sits in the middle and hides whole modules.
    """
    hidden = int(count * LOGO_SHARE)
    hidden -= 1 - hidden % 2
    return (count - hidden) // 2, hidden


def logo_place(count: int, logo: Logo) -> tuple[float, float, float, float]:
    """Return x, y, width and height of the picture in modules: inside its box, half a module from the edge."""
    first, hidden = logo_box(count)
    scale = (hidden - 1) / max(logo.width, logo.height)
    width, height = logo.width * scale, logo.height * scale
    return first + (hidden - width) / 2, first + (hidden - height) / 2, width, height


def _svg_logo(count: int, style: QrStyle, logo: Logo) -> str:
    first, hidden = logo_box(count)
    x, y, width, height = logo_place(count, logo)
    data = base64.b64encode(logo.png).decode()
    return (
        f'<rect x="{first + style.margin}" y="{first + style.margin}" width="{hidden}" height="{hidden}"'
        f' fill="{style.light}"/><image x="{x + style.margin:.3f}" y="{y + style.margin:.3f}" width="{width:.3f}"'
        f' height="{height:.3f}" href="data:image/png;base64,{data}"/>'
    )


def _with_logo(
    image: Image.Image, start: int, scale: int, count: int, style: QrStyle, logo: Logo
) -> Image.Image:
    image = image.convert("RGB")
    first, hidden = logo_box(count)
    corner = start + first * scale
    image.paste(style.light, (corner, corner, corner + hidden * scale, corner + hidden * scale))
    x, y, width, height = logo_place(count, logo)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    picture = Image.open(io.BytesIO(logo.png)).resize(size, Image.LANCZOS)
    image.paste(picture, (start + round(x * scale), start + round(y * scale)), picture)
    return image
