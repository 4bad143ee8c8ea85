"""Macros: blanks in a URL that each click fills in, such as {click_id}."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

NAMES = ("click_id", "visitor_id", "campaign", "code")
MACRO = re.compile(r"\{(" + "|".join(NAMES) + r")\}")


def found_in(text: str) -> bool:
    return bool(MACRO.search(text))


def fill(url: str, values: Mapping[str, str]) -> str:
    """Return ``url`` with its macros replaced by ``values``, percent-encoded; other braces stay as they are.

    Everything but letters, digits and ``-._~`` is encoded, so a value can't break out of the place in path,
    query or fragment where its macro stands. A macro that ``values`` lacks becomes nothing.
    """
    return MACRO.sub(lambda macro: encoded(values.get(macro[1], "")), url)


def spare(text: str, change: Callable[[str], str]) -> str:
    """Return ``text`` with ``change`` made to all of it but its macros."""
    pieces = MACRO.split(text)
    # re.split hands out the text between macros at even places, the names of macros at odd ones.
    return "".join(f"{{{piece}}}" if place % 2 else change(piece) for place, piece in enumerate(pieces))


def encoded(text: str) -> str:
    return quote(text, safe="", errors="replace")
