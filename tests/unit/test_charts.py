"""Charts for paper: well-formed, in proportion, and inside their frame, whatever the figures and labels."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.charts import BLUE, WIDTH, Bar, Day, bars, days

LABELS = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), max_size=60)
FIGURES = st.integers(0, 10**12) | st.floats(0, 1e12)
SVG = "{http://www.w3.org/2000/svg}"


def parsed(chart: str) -> ElementTree.Element:
    return ElementTree.fromstring(chart)


def coloured(chart: str, colour: str = BLUE) -> list[dict[str, float]]:
    found = [rect for rect in parsed(chart).iter(f"{SVG}rect") if rect.get("fill") == colour]
    return [{name: float(rect.get(name)) for name in ("x", "y", "width", "height")} for rect in found]


def texts(chart: str) -> list[str]:
    return [text.text or "" for text in parsed(chart).iter(f"{SVG}text")]


@given(st.lists(st.builds(Bar, LABELS, LABELS, FIGURES), max_size=12), LABELS)
def test_bars_are_as_long_as_their_figures(rows: list[Bar], title: str) -> None:
    chart = bars(rows, title)
    assert parsed(chart).get("aria-label") == title
    drawn = coloured(chart)
    assert len(drawn) == len(rows)
    longest = max((row.value for row in rows), default=0)
    for row, bar in zip(rows, drawn, strict=True):
        assert bar["x"] + bar["width"] <= WIDTH
        if longest:
            full = max(each["width"] for each in drawn)
            assert abs(bar["width"] - full * row.value / longest) <= 0.11
    assert [text for text, row in zip(texts(chart)[1::2], rows, strict=True) if text != row.text] == []


@given(st.lists(st.builds(Day, LABELS, FIGURES, FIGURES), max_size=95), LABELS)
def test_columns_and_the_line_stay_inside(rows: list[Day], title: str) -> None:
    chart = days(rows, title, height=180)
    drawn = coloured(chart)
    assert len(drawn) == len(rows)
    assert all(bar["y"] >= 0 and bar["y"] + bar["height"] <= 161 and bar["x"] <= WIDTH for bar in drawn)
    points = parsed(chart).find(f"{SVG}polyline").get("points").split()
    assert len(points) == len(rows)
    assert all(0 <= float(point.split(",")[1]) <= 160.1 for point in points)


def test_the_highest_day_fills_the_chart_and_half_of_it_half() -> None:
    full, half, none = coloured(days([Day("a", 10, 0), Day("", 5, 0), Day("", 0, 0)], "t"))
    assert half["height"] * 2 == full["height"] > 100
    assert none["height"] == 0


def test_long_labels_are_cut_and_markup_is_text() -> None:
    chart = bars([Bar("<b>" + "x" * 50, "1 & 2", 1)], 'a "title"')
    assert texts(chart) == ["<b>" + "x" * 26 + "…", "1 & 2"]
