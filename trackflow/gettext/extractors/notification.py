"""For ``bench generate-pot-file``, which reads the messages of notifications, but not their subjects."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from jinja2.ext import babel_extract


def extract(
    fileobj: BinaryIO, keywords: list[str], comment_tags: list[str], options: dict
) -> Iterator[tuple]:
    """Yield the texts in the subject of a standard Notification, as Babel wants them."""
    data = json.load(fileobj)
    if not isinstance(data, dict) or data.get("doctype") != "Notification":
        return
    comment = f"Subject of the Notification '{data['name']}'"
    subject = BytesIO(data["subject"].encode())
    for _line, function, message, _comments in babel_extract(subject, keywords, comment_tags, options):
        yield None, function, message, [comment]
