"""Charts for paper, as SVG that old print engines draw, too: rectangles, lines and texts, without style sheets or scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 700
BLUE, GREEN, GREY, TEXT = "#4a94ec", "#2f9e6e", "#e6e6e6", "#333333"
_LABEL, _NUMBER, _ROW = 190, 150, 24
_TOP, _BOTTOM, _LEFT = 14, 20, 40


@dataclass(frozen=True)
class Bar:
    """label: what it is. text: its number as people read it. value: its length, not negative."""

    label: str
    text: str
    value: float


@dataclass(frozen=True)
class Day:
    """label: what stands below it, "" for nothing. columns: how high it is. line: where the line passes."""

    label: str
    column: float
    line: float


def bars(rows: Sequence[Bar], title: str) -> str:
    """Return a chart of horizontal bars, the longest as long as there is room. ``title``: for those who can't see it."""
    most = max((row.value for row in rows), default=0) or 1
    room = WIDTH - _LABEL - _NUMBER
    parts = []
    for place, row in enumerate(rows):
        top = place * _ROW
        parts += [
            _text(0, top + 16, _shortened(row.label)),
            _rectangle(_LABEL, top + 4, room, _ROW - 8, GREY),
            _rectangle(_LABEL, top + 4, room * row.value / most, _ROW - 8, BLUE),
            _text(WIDTH, top + 16, row.text, anchor="end"),
        ]
    return _chart(parts, max(len(rows), 1) * _ROW, title)


def days(rows: Sequence[Day], title: str, height: int = 180) -> str:
    """Return a chart of a column a day, and a line across them; the highest is as high as there is room."""
    most = max((max(row.column, row.line) for row in rows), default=0) or 1
    step, room = (WIDTH - _LEFT) / max(len(rows), 1), height - _TOP - _BOTTOM
    base = height - _BOTTOM

    def up(value: float) -> float:
        return base - room * value / most

    parts = [
        _text(_LEFT - 6, _TOP + 4, f"{most:g}", anchor="end"),
        _text(_LEFT - 6, base, "0", anchor="end"),
        _rectangle(_LEFT, base, WIDTH - _LEFT, 1, "#999999"),
        _rectangle(_LEFT, _TOP, WIDTH - _LEFT, 1, GREY),
    ]
    points = []
    for place, row in enumerate(rows):
        left = _LEFT + place * step
        parts.append(_rectangle(left + step * 0.1, up(row.column), step * 0.8, base - up(row.column), BLUE))
        points.append(f"{left + step / 2:.1f},{up(row.line):.1f}")
        if row.label:
            parts.append(_text(left, height - 5, row.label))
    parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{GREEN}" stroke-width="1.5"/>')
    return _chart(parts, height, title)


def _chart(parts: Sequence[str], height: int, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
        f' role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )


def _rectangle(left: float, top: float, width: float, height: float, colour: str) -> str:
    place = f'x="{left:.1f}" y="{top:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    return f'<rect {place} fill="{colour}"/>'


def _text(left: float, base: float, text: str, anchor: str = "start") -> str:
    place = f'x="{left:.1f}" y="{base:.1f}" text-anchor="{anchor}"'
    return f'<text {place} font-family="sans-serif" font-size="11" fill="{TEXT}">{escape(text)}</text>'


def _shortened(label: str) -> str:
    return label if len(label) <= 30 else f"{label[:29]}…"
