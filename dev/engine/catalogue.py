"""Translations as newer Frappe has them: `<app>/locale/<language>.po`. The engine knows only `translations/<language>.csv`."""

from __future__ import annotations

from pathlib import Path


def texts(path: Path) -> dict[str, str]:
    """Return {text, or text:context: translation} of a catalogue; nothing where there is none."""
    from babel.messages.pofile import read_po

    if not path.is_file():
        return {}
    with path.open("rb") as file:
        messages = [message for message in read_po(file) if message.id and message.string]
    return {f"{each.id}:{each.context}" if each.context else each.id: each.string for each in messages}
