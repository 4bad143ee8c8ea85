"""Cells of an import: what each kind of field accepts, and the value that comes of it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from trackflow.domain.errors import Refused

MAX_TAG_LENGTH = 140
_YES, _NO = ("1", "yes", "true", "x", "y"), ("0", "no", "false", "n")
_WHOLE = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:[.,]\d+)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?", re.ASCII
)


@dataclass(frozen=True)
class Field:
    """A field of a link that can be imported. ``longest`` is its number of characters, 0 for any number.

    ``kind`` is text, url, moment, whole, check, choice or object.
    """

    name: str
    kind: str = "text"
    label: str = ""
    options: tuple[str, ...] = ()
    longest: int = 140


def value_of(field: Field, cell: str, time_zone: tzinfo) -> object:
    """Return the value that ``cell``, which is not empty, gives ``field``. Raises Refused."""
    text = " ".join(cell.split())
    if field.longest and len(text) > field.longest:
        raise Refused("cell_too_long", column=field.label or field.name, longest=field.longest)
    try:
        return _READERS[field.kind](field, text, time_zone)
    except ValueError as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"cell_{field.kind}", column=field.label or field.name, value=text[:80]) from None


def moment(text: str, time_zone: tzinfo) -> datetime:
    """Return the naive time in ``time_zone`` that ``text`` names; a day alone begins at midnight.

    Raises ValueError.
    """
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    day, clock, seconds, zone = found.groups()
    value = datetime.fromisoformat(f"{day}T{clock or '00:00'}{seconds or ':00'}")
    if not zone:
        return value
    offset = "+00:00" if zone in ("Z", "UTC") else f"{zone[:3]}:{zone[-2:]}"
    try:
        return datetime.fromisoformat(value.isoformat() + offset).astimezone(time_zone).replace(tzinfo=None)
    except OverflowError:
        raise ValueError(text) from None


def tags_of(text: str) -> tuple[str, ...]:
    """Return the tags in ``text``, each once whatever its case, in order. Commas, semicolons or bars part them."""
    tags: dict[str, str] = {}
    for tag in re.split(r"[,;|]", text):
        if tag := " ".join(tag.split())[:MAX_TAG_LENGTH]:
            tags.setdefault(tag.lower(), tag)
    return tuple(tags.values())


def _check(_field: Field, text: str, _zone: tzinfo) -> int:
    if text.lower() not in _YES + _NO:
        raise ValueError(text)
    return int(text.lower() in _YES)


def _whole(_field: Field, text: str, _zone: tzinfo) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _choice(field: Field, text: str, _zone: tzinfo) -> str:
    for option in field.options:
        if option.lower() == text.lower():
            return option
    options = ", ".join(field.options)
    raise Refused("cell_choice", column=field.label or field.name, value=text[:80], options=options)


def _object(_field: Field, text: str, _zone: tzinfo) -> str:
    try:
        is_object = isinstance(json.loads(text), dict)
    except RecursionError:
        is_object = False
    if not is_object:
        raise ValueError(text)
    return text


_READERS: dict[str, Callable[[Field, str, tzinfo], object]] = {
    "text": lambda _field, text, _zone: text,
    "url": lambda _field, text, _zone: text,
    "moment": lambda _field, text, zone: moment(text, zone),
    "whole": _whole,
    "check": _check,
    "choice": _choice,
    "object": _object,
}
