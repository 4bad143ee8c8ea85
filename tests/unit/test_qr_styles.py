"""How QR codes may look: contrast, limits, and what is refused."""

from __future__ import annotations

import pytest

from trackflow.domain import qr_styles
from trackflow.domain.errors import Refused
from trackflow.domain.qr_styles import QrStyle


def style(dark="", light="", margin=None, level="", has_logo=False):
    return qr_styles.style(dark, light, margin, level, has_logo=has_logo)


def test_what_is_left_out_is_as_usual():
    assert style() == QrStyle() == QrStyle("#000000", "#ffffff", 4, "M")


def test_colours_are_read_as_people_write_them():
    assert style(" #12A ", "#FFF", "2", "H") == QrStyle("#1122aa", "#ffffff", 2, "H")


def test_a_logo_raises_the_error_correction_and_never_lowers_it():
    levels = {level: style(level=level, has_logo=True).level for level in qr_styles.LEVELS}
    assert levels == {"L": "Q", "M": "Q", "Q": "Q", "H": "H"}


def test_contrast_is_that_of_wcag():
    assert qr_styles.contrast("#000000", "#ffffff") == pytest.approx(21)
    # From the explanations of WCAG: #777777 on white has 4.48.
    assert qr_styles.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"dark": "red"}, "qr_colour"),
        ({"light": '#fff"/><script>'}, "qr_colour"),
        ({"dark": "#ffffff", "light": "#000000"}, "qr_inverted"),
        ({"dark": "#ff8c00"}, "qr_contrast"),
        ({"margin": -1}, "qr_margin"),
        ({"margin": 21}, "qr_margin"),
        ({"margin": "4.5"}, "qr_margin"),
        ({"margin": "٤"}, "qr_margin"),
        ({"level": "X"}, "qr_level"),
    ],
)
def test_looks_that_cannot_be_scanned_are_refused(values, reason):
    with pytest.raises(Refused) as refused:
        style(**values)
    assert refused.value.reason == reason


@pytest.mark.parametrize("size", [63, 4097, -5, "big", "1e3"])
def test_sizes_have_limits(size):
    with pytest.raises(Refused, match="qr_size"):
        qr_styles.pixels(size)
