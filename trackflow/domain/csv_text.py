"""Text files as people have them: any usual encoding and delimiter, line numbers kept, rubbish told apart by line."""

import csv
import re
from collections.abc import Iterator, Sequence

from trackflow.domain.errors import Refused

DELIMITERS = ",;\t"
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_QUOTED = re.compile(r'"[^"]*"?')
# The first line that Excel writes where the comma is no list separator.
_EXCEL_HINT = re.compile(r"sep=([,;\t])", re.IGNORECASE)


def decode(data: bytes) -> str:
    """Return the text in ``data``: UTF-8 or UTF-16 with a mark, else UTF-8, else Latin-1 as Windows writes it."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def lines_of(text: str) -> list[str]:
    """Return the lines of ``text`` without their ends. Not splitlines: that ends lines at form feeds as well."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def records(text: str) -> Iterator[tuple[int, list[str] | Refused]]:
    """Yield (number of its first line, cells) for each row of a CSV text that is not empty.

    A row that can't be read is yielded as the Refused that says why, and reading goes on with the next line.
    """
    lines = lines_of(text)
    delimiter, start = _delimiter(lines)
    while start < len(lines):
        start = yield from _records_from(lines, start, delimiter)


def _delimiter(lines: Sequence[str]) -> tuple[str, int]:
    """Return the delimiter and where the rows begin."""
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if hint := _EXCEL_HINT.fullmatch(lines[first].strip(" ")):
        return hint[1], first + 1
    bare = _QUOTED.sub("", lines[first])
    return max(DELIMITERS, key=bare.count), first


def _records_from(
    lines: Sequence[str], start: int, delimiter: str
) -> Iterator[tuple[int, list[str] | Refused]]:
    """Yield what one reader reads; return the line where the next one has to begin."""
    source = _Lines(lines, start)
    # NUL ends the work of older versions of the csv module.
    reader = csv.reader((line.replace("\0", "\ufffd") for line in source), delimiter=delimiter)
    while True:
        first = source.position
        try:
            cells = next(reader)
        except StopIteration:
            return len(lines)
        except csv.Error:
            yield first + 1, Refused("row_unreadable")
            return max(source.position, first + 1)
        if source.is_exhausted:
            # The quotation mark took all lines to the end with it; only its own line is to be lost.
            yield first + 1, Refused("row_quote_open")
            return first + 1
        if any(cell.strip() for cell in cells):
            yield first + 1, cells


class _Lines:
    """Hands out lines, and knows whether it was asked for one more than there is."""

    def __init__(self, lines: Sequence[str], position: int):
        self.lines, self.position, self.is_exhausted = lines, position, False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.position >= len(self.lines):
            self.is_exhausted = True
            raise StopIteration
        self.position += 1
        return self.lines[self.position - 1] + "\n"
