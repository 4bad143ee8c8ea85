"""A patch that patches.txt does not name never runs, and one that it names must be there."""

from __future__ import annotations

from pathlib import Path

APP = Path(__file__).resolve().parents[2] / "trackflow"


def test_patches_txt_names_every_patch_and_no_other():
    named = [line for line in (APP / "patches.txt").read_text().splitlines() if line.startswith("trackflow.")]
    written = [
        ".".join(path.relative_to(APP.parent).with_suffix("").parts)
        for path in (APP / "patches").rglob("*.py")
        if path.name != "__init__.py"
    ]
    assert sorted(named) == sorted(written)
