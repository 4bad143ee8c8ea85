"""How a QR code looks, and which looks can be scanned."""

import re
from dataclasses import dataclass

from trackflow.domain.errors import Refused

LEVELS = ("L", "M", "Q", "H")
# The quiet zone that ISO/IEC 18004 asks for, in modules (the small squares of a code).
QUIET_ZONE = 4
MAX_MARGIN = 20
MIN_PIXELS, MAX_PIXELS = 64, 4096
# Scanners tell dark from light by luminance; below this phones begin to fail in poor light or on poor paper.
MIN_CONTRAST = 4.0

_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class QrStyle:
    """``dark`` and ``light`` are colours as #rrggbb, ``margin`` is in modules, ``level`` is the error correction."""

    dark: str = "#000000"
    light: str = "#ffffff"
    margin: int = QUIET_ZONE
    level: str = "M"


def style(dark: str, light: str, margin: object, level: str, *, has_logo: bool) -> QrStyle:
    """Return the style of these values, where "" and None stand for the usual ones.

    With a logo the error correction is Q at least: the logo hides modules, which must be worked out from the
    rest. Raises Refused for what is no colour, number or level, and for colours that can't be scanned.
    """
    usual = QrStyle()
    chosen = QrStyle(
        dark=_colour(dark or usual.dark),
        light=_colour(light or usual.light),
        margin=_number(margin, "qr_margin", usual.margin, 0, MAX_MARGIN),
        level=_level(level or usual.level, has_logo),
    )
    _check_contrast(chosen)
    return chosen


def pixels(size: object) -> int:
    """Return the width and height of an image in pixels, 0 if ``size`` is empty; raises Refused as above."""
    return _number(size or None, "qr_size", 0, MIN_PIXELS, MAX_PIXELS)


def contrast(dark: str, light: str) -> float:
    """Return the contrast ratio of WCAG 2.1, from 1 (the same) to 21; below 1 if ``dark`` is the lighter one."""
    return (_luminance(light) + 0.05) / (_luminance(dark) + 0.05)


def _check_contrast(chosen: QrStyle) -> None:
    ratio = contrast(chosen.dark, chosen.light)
    details = {"dark": chosen.dark, "light": chosen.light}
    if ratio < 1:
        raise Refused("qr_inverted", **details)
    if ratio < MIN_CONTRAST:
        # Rounded down: 3.96 must not read like the 4 that would do.
        raise Refused("qr_contrast", ratio=int(ratio * 10) / 10, least=MIN_CONTRAST, **details)


def _luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.1, from 0 (black) to 1 (white)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _colour(text: str) -> str:
    colour = text.strip().lower()
    if re.fullmatch(r"#[0-9a-f]{3}", colour):
        colour = "#" + "".join(digit * 2 for digit in colour[1:])
    if not _COLOUR.fullmatch(colour):
        raise Refused("qr_colour", colour=text[:40])
    return colour


def _level(level: str, has_logo: bool) -> str:
    if level not in LEVELS:
        raise Refused("qr_level", level=level[:40])
    return "Q" if has_logo and level in ("L", "M") else level


def _number(value: object, reason: str, usual: int, least: int, most: int) -> int:
    if value is None or value == "":
        return usual
    text = str(value).strip()
    if not re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) or not least <= int(text) <= most:
        raise Refused(reason, value=text[:40], least=least, most=most)
    return int(text)
