"""The pictures of the documentation: none is missing, none is left over, and all are made by the script."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
SCRIPT = ROOT / "docs" / "take_pictures.py"
TEXTS = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]


def shown() -> set[Path]:
    """The files that the documentation refers to."""
    found = set()
    for text in TEXTS:
        for path in re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", text.read_text()):
            found.add((text.parent / path).resolve())
    return found


def made() -> set[str]:
    """The names in the script's table."""
    for node in ast.parse(SCRIPT.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PICTURES":
            return {key.value for key in node.value.keys}
    raise AssertionError(f"{SCRIPT} has no table of pictures")


def test_the_pictures_that_are_shown_are_those_that_are_there() -> None:
    assert shown() == set(IMAGES.glob("*"))


def test_the_script_makes_all_of_them() -> None:
    assert made() == {file.stem for file in IMAGES.glob("*")}
