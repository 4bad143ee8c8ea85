"""Sheets of QR codes: rendered and read by other programs."""

from __future__ import annotations

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.site.test_qr_drawing import picture
from trackflow.domain.qr_styles import QrStyle
from trackflow.qr import drawing as qr_drawing
from trackflow.qr import sheets as qr_sheets
from trackflow.qr.sheets import Label

# Points of a page, a 72nd of an inch each.
SIZES = {"A4": (595.28, 841.89), "Letter": (612, 792)}


def labels(count, **fields):
    plain = {"style": QrStyle()} | fields
    return [Label(f"Poster {i}", f"https://go.example.com/r/code-{i}", **plain) for i in range(count)]


def codes(pdf, dpi=200):
    """What is read on each page, in the order of reading: [(text, left, top, width) in inches]."""
    return [
        sorted(_codes_of(page, dpi), key=lambda code: code[2:0:-1]) for page in pypdfium2.PdfDocument(pdf)
    ]


def _codes_of(page, dpi):
    for found in zxingcpp.read_barcodes(page.render(scale=dpi / 72).to_pil().convert("RGB")):
        corner = found.position.top_left
        yield (
            found.text,
            corner.x / dpi,
            round(corner.y / dpi, 1),
            (found.position.top_right.x - corner.x) / dpi,
        )


def text_of(pdf):
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize("page", SIZES)
@pytest.mark.parametrize("per_page", qr_sheets.GRIDS)
def test_every_code_is_on_its_page_in_order(page, per_page):
    made = labels(per_page + 1)
    pdf = qr_sheets.sheet(made, "Fair", page, per_page)
    first, last = codes(pdf)
    assert [code[0] for code in first] == [label.url for label in made[:per_page]]
    assert [code[0] for code in last] == [made[-1].url]
    assert pypdfium2.PdfDocument(pdf)[0].get_size() == pytest.approx(SIZES[page], abs=0.01)


def test_codes_are_of_one_size_and_large_enough_for_a_phone():
    ((*found,),) = codes(qr_sheets.sheet(labels(30), "Fair", "A4", 30))
    widths = [width for _text, _x, _y, width in found]
    assert max(widths) - min(widths) < 0.02
    # 2 cm are what the makers of readers ask for at arm's length.
    assert min(widths) > 2 / 2.54


def test_titles_and_urls_are_printed_and_can_be_searched():
    made = [Label("Früh & Späť, Ωμέγα", "https://go.example.com/r/x", QrStyle())]
    text = text_of(qr_sheets.sheet(made, "Messe Köln"))
    for part in ("Früh & Späť, Ωμέγα", "go.example.com/r/x", "Messe Köln", "1 / 1"):
        assert part in text


def test_a_long_title_is_cut_and_a_long_url_is_not():
    url = "https://a-long-name-of-a-short-domain.example.com/r/" + "x" * 64
    text = text_of(qr_sheets.sheet([Label("word " * 100, url, QrStyle())], "Fair", "A4", 30))
    assert "word wor…" in text
    assert "a-long-name-of-a-short-domain.example.com/r/" + "x" * 64 in text.replace("\r\n", "")


def test_styles_and_logos_are_kept():
    logo = qr_drawing.read_logo(picture("#00aa00"))
    pdf = qr_sheets.sheet(labels(2, style=QrStyle(dark="#550000", level="Q"), logo=logo), "Fair", "A4", 2)
    assert [len(page) for page in codes(pdf)] == [2]
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=1).to_pil().convert("RGB")
    seen = {colour for count, colour in image.getcolors(1_000_000) if count > 50}
    assert {(0x55, 0, 0), (0, 0xAA, 0)} <= seen


@given(st.text(max_size=60))
@settings(max_examples=15, deadline=None, derandomize=True, database=None)
def test_any_title_can_be_printed(title):
    (page,) = codes(
        qr_sheets.sheet([Label(title, "https://go.example.com/r/x", QrStyle())], title, "A4", 1), 100
    )
    assert [code[0] for code in page] == ["https://go.example.com/r/x"]
