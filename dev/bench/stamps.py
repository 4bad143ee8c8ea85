"""Fingerprints: a step is done again only when what it was made from has changed.

A stamp is written as the last act of a step, so a step that was interrupted counts as never done.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

_SKIPPED = {"__pycache__", "node_modules", "dist"}


def fingerprint(*parts: str | Path) -> str:
    """Of texts as they are, and of files and folders by their content."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            digest.update(part.encode())
        else:
            for path in files_under(part):
                digest.update(f"\0{path.relative_to(part)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def files_under(path: Path, suffixes: Iterable[str] = ()) -> list[Path]:
    if path.is_file():
        return [path]
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.startswith("."))
        found += [Path(folder, name) for name in sorted(names)]
    return [file for file in found if not suffixes or file.suffix in suffixes]


def is_current(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value


def write(stamp: Path, value: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    write_whole(stamp, value)


def write_whole(path: Path, text: str) -> None:
    """Never leaves half a file, whenever it is interrupted."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(text)
    temporary.replace(path)
