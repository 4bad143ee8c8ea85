"""The texts to translate as the sources have them, read without Frappe: what its ``generate-pot-file`` should find."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.jslexer import unquote_string

import trackflow

APP = Path(trackflow.__file__).parent
# Each "__" counts, also one in the arguments of another, which Frappe does not find.
_JS_CALL = re.compile(r"""\b__\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)""")
_JINJA_CALL = re.compile(r"""\b_\(\s*(?P<quote>["'])(?P<text>.*?)(?P=quote)""")
_PLAIN = {
    "Report": ("report_name",),
    "Module Onboarding": ("title", "subtitle", "success_message"),
    "Onboarding Step": ("title", "action_label", "description", "report_description"),
}
_IN_WORKSPACES = {
    "charts": ("label",),
    "number_cards": ("label",),
    "links": ("label", "description"),
    "shortcuts": ("label", "format"),
}


def texts() -> dict[str, str]:
    """Return each text with a file that has it."""
    readers = {".py": _python, ".js": _javascript, ".html": _jinja, ".json": _document}
    found: dict[str, str] = {}
    for path in sorted(APP.rglob("*")):
        if path.suffix in readers and not any(part.startswith(("_", ".")) for part in path.parent.parts):
            place = str(path.relative_to(APP.parent))
            found |= {text: place for text in readers[path.suffix](path) if text}
    return found


def _python(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for _line, _function, message, _comments in extract_python(file, list(DEFAULT_KEYWORDS), (), {}):
            # The context of a text is the last argument.
            yield message[0] if isinstance(message, tuple) else message


def _javascript(path: Path) -> Iterator[str]:
    yield from map(unquote_string, _JS_CALL.findall(path.read_text(encoding="utf-8")))


def _jinja(path: Path) -> Iterator[str]:
    yield from _in_template(path.read_text(encoding="utf-8"))


def _in_template(template: str) -> Iterator[str]:
    yield from (found["text"] for found in _JINJA_CALL.finditer(template))


def _document(path: Path) -> Iterator[str]:
    document = json.loads(path.read_text(encoding="utf-8"))
    kind = document.get("doctype") if isinstance(document, dict) else None
    if kind == "DocType":
        yield from _doctype(document)
    elif kind == "Workspace":
        yield from _workspace(document)
    elif kind == "Notification":
        yield from _in_template(document["subject"])
    yield from (document.get(name) for name in _PLAIN.get(kind, ()))


def _doctype(document: dict) -> Iterator[str]:
    yield document["name"]
    yield document.get("description")
    yield from (rule["role"] for rule in document["permissions"])
    for link in document.get("links", []):
        yield from (link.get("group"), link.get("link_doctype"))
    for field in document["fields"]:
        yield from (field.get("label"), field.get("description"))
        if field["fieldtype"] == "Select":
            yield from (option for option in field.get("options", "").split("\n") if not option.isdigit())
        elif field["fieldtype"] == "HTML":
            yield field.get("options")


def _workspace(document: dict) -> Iterator[str]:
    yield document["label"]
    for table, names in _IN_WORKSPACES.items():
        yield from (row.get(name) for row in document[table] for name in names)
    blocks = json.loads(document["content"])
    yield from (block["data"]["text"] for block in blocks if block["type"] in ("header", "paragraph"))
