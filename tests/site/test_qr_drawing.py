"""QR codes: what can be drawn is read by another program."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from trackflow.domain import qr_styles
from trackflow.domain.errors import Refused
from trackflow.domain.qr_styles import QrStyle
from trackflow.qr import drawing as qr_drawing

URL = "https://go.example.com/r/spring"
CODES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=1, max_size=64)


def read(png):
    """What a reader that is not ours finds in a picture, None for nothing."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    found = zxingcpp.read_barcodes(picture, try_rotate=False, try_invert=False)
    return found[0].text if found else None


def picture(colour="#c00000", size=(300, 200), file_format="PNG"):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, file_format)
    return buffer.getvalue()


def noise():
    buffer = io.BytesIO()
    Image.effect_noise((300, 300), 150).save(buffer, "PNG")
    return buffer.getvalue()


def style(dark="", light="", margin=None, level="", has_logo=False):
    return qr_styles.style(dark, light, margin, level, has_logo=has_logo)


# ---------------------------------------------------------------- what can be drawn can be read


@given(CODES, st.sampled_from(qr_styles.LEVELS), st.integers(0, 8))
@settings(max_examples=40, deadline=None, derandomize=True, database=None)
def test_every_code_leads_to_its_url(code, level, margin):
    url = f"https://go.example.com/r/{code}"
    # Readers need some margin; on a page there is one around the picture.
    png = qr_drawing.png(url, QrStyle(margin=max(margin, 1), level=level))
    assert read(png) == url


@given(CODES, st.sampled_from(["Q", "H"]), st.sampled_from([0, 400, 1000]))
@example("x", "Q", 0)
@settings(max_examples=40, deadline=None, derandomize=True, database=None)
def test_a_logo_leaves_enough_to_read(code, level, size):
    url = f"https://go.example.com/r/{code}"
    for content in (picture("#000000", (90, 90)), picture("#ffffff"), noise()):
        assert read(qr_drawing.png(url, QrStyle(level=level), size, qr_drawing.read_logo(content))) == url


@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFF))
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_every_pair_of_colours_that_is_accepted_can_be_read(dark, light):
    try:
        chosen = style(f"#{dark:06x}", f"#{light:06x}")
    except Refused:
        return
    assert read(qr_drawing.png(URL, chosen)) == URL


@settings(derandomize=True, database=None)
@given(st.integers(21, 177).filter(lambda count: (count - 17) % 4 == 0))
def test_a_logo_hides_at_most_a_tenth_in_the_middle(count):
    first, hidden = qr_drawing.logo_box(count)
    assert 2 * first + hidden == count
    assert (hidden / count) ** 2 <= 0.1


def test_an_svg_has_the_same_modules_as_the_code():
    rows = qr_drawing.modules(URL, "M")
    svg = qr_drawing.svg(URL, QrStyle(margin=2))
    dark = set()
    for part in svg.split('<path d="M')[1].split('"')[0].split("zM"):
        place, run, _back = part.rstrip("z").split("h")
        x, y = map(int, place.split())
        dark |= {(x + i, y) for i in range(int(run.split("v")[0]))}
    assert dark == {(x + 2, y + 2) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell}
    assert f'viewBox="0 0 {len(rows) + 4} {len(rows) + 4}"' in svg


# ---------------------------------------------------------------- how it looks


def test_size_colours_and_margin_are_those_that_were_asked_for():
    png = qr_drawing.png(URL, style("#123456", "#fedcba", 10), 500)
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.size == (500, 500)
    assert {colour for _count, colour in image.getcolors()} == {(0x12, 0x34, 0x56), (0xFE, 0xDC, 0xBA)}
    scale = 500 // (len(qr_drawing.modules(URL, "M")) + 20)
    edge = next(x for x in range(500) if image.getpixel((x, x)) == (0x12, 0x34, 0x56))
    assert edge >= 10 * scale


def test_the_logo_is_in_the_middle_of_both_formats():
    logo = qr_drawing.read_logo(picture())
    image = Image.open(io.BytesIO(qr_drawing.png(URL, QrStyle(level="Q"), 500, logo)))
    assert image.getpixel((250, 250)) == (0xC0, 0, 0)
    assert "data:image/png;base64," in qr_drawing.svg(URL, QrStyle(level="Q"), 0, logo)


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "GIF", "WEBP"])
def test_logos_may_be_of_the_usual_formats_and_become_small(file_format):
    logo = qr_drawing.read_logo(picture(size=(1200, 600), file_format=file_format))
    assert (logo.width, logo.height) == (256, 128)


# ---------------------------------------------------------------- what is refused


def test_a_code_that_does_not_fit_says_what_it_takes():
    with pytest.raises(Refused) as refused:
        qr_drawing.png(URL, QrStyle(margin=20), 64)
    least = refused.value.details["least"]
    assert read(qr_drawing.png(URL, QrStyle(margin=20), least)) == URL


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "qr_logo_unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "qr_logo_unreadable"),
        (picture()[:60], "qr_logo_unreadable"),
        (b"\x89PNG\r\n\x1a\n" + bytes(80), "qr_logo_unreadable"),
        (bytes(5_000_001), "qr_logo_too_large"),
    ],
)
def test_logos_that_are_no_pictures_are_refused(content, reason):
    with pytest.raises(Refused) as refused:
        qr_drawing.read_logo(content)
    assert refused.value.reason == reason


def test_a_picture_that_unpacks_to_gigabytes_is_refused(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(Refused, match="qr_logo_unreadable"):
        qr_drawing.read_logo(picture(size=(100, 100)))
