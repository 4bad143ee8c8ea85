"""Link templates: a destination with blanks in braces, and the URL that comes of values for them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from trackflow.domain import macros
from trackflow.domain.destinations import check_destination
from trackflow.domain.errors import Refused
from trackflow.domain.template_values import RULES, Variable, check_rules, written

# The redirect fills these in for each click; a template leaves them as they are.
MACROS = frozenset(macros.NAMES)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
_BLANK = re.compile(r"\{([A-Za-z][A-Za-z0-9_]{0,63})\}", re.ASCII)
_HOST_VALUE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)
# What may stand unencoded in each part of a URL: a page may be several folders deep, a value of a query may not.
_SAFE = {"path": "/", "query": "", "fragment": "/"}


@dataclass(frozen=True)
class Filled:
    """``url`` is "" if there are ``errors``: by variable, and under "" what is wrong with the URL as a whole."""

    url: str
    errors: Mapping[str, Refused] = field(default_factory=dict)


def problems(url_template: str, variables: Sequence[Variable]) -> list[Refused]:
    """Return all that has to be changed before links can be made from the template."""
    found = [refused for variable in variables if (refused := _problem_of(variable))]
    return found + list(_problems_of_names(variables)) + list(_problems_of_url(url_template, variables))


def fill(url_template: str, variables: Sequence[Variable], values: Mapping[str, str]) -> Filled:
    """Return the URL that ``values`` make of a template without problems.

    Each value is encoded as its place in the URL needs it. Values that are missing or empty are replaced by
    the variable's default; values without a variable are not looked at. A parameter of the query that would be
    empty, because nothing is entered for its blank, is left out.
    """
    texts, errors = _texts(variables, values)
    pieces: list[str] = []
    for literal, name, place in _parts(_without_empty_parameters(url_template, texts)):
        pieces.append(literal)
        if name in texts:
            try:
                pieces.append(_encoded(name, texts[name], place))
            except Refused as refused:
                errors[name] = refused
        elif name:
            pieces.append(f"{{{name}}}")
    return Filled("", errors) if errors else _checked("".join(pieces))


def _checked(url: str) -> Filled:
    try:
        return Filled(check_destination(url))
    except Refused as refused:
        return Filled("", {"": refused})


def _texts(variables: Sequence[Variable], values: Mapping[str, str]) -> tuple[dict[str, str], dict]:
    texts: dict[str, str] = {}
    errors: dict[str, Refused] = {}
    for variable in variables:
        value = values.get(variable.name)
        try:
            texts[variable.name] = written(variable, "" if value is None else str(value))
        except Refused as refused:
            errors[variable.name] = refused
    return texts, errors


def _without_empty_parameters(url_template: str, texts: Mapping[str, str]) -> str:
    before, hash_sign, fragment = url_template.partition("#")
    path, _mark, query = before.partition("?")
    pairs = query.split("&")
    kept = [pair for pair in pairs if not _is_empty(pair, texts)]
    if len(kept) == len(pairs):
        return url_template
    return path + ("?" + "&".join(kept) if kept else "") + hash_sign + fragment


def _is_empty(pair: str, texts: Mapping[str, str]) -> bool:
    """Say whether the value of ``pair`` is blanks and nothing else, and nothing stands for any of them."""
    value = pair.partition("=")[2]
    names = _BLANK.findall(value)
    return bool(names) and not _BLANK.sub("", value) and not any(texts.get(name, name) for name in names)


def _parts(url_template: str) -> Iterator[tuple[str, str, str]]:
    """Yield (text, name of the blank behind it, part of the URL that the blank is in); the last name is ""."""
    before = ""
    split = _BLANK.split(url_template)
    for literal, name in zip(split[::2], [*split[1::2], ""], strict=True):
        before += literal
        yield literal, name, _place(before)
        # A blank ends no part of the URL, whatever stands in for it.
        before += "x" if name else ""


def _place(before: str) -> str:
    if "#" in before:
        return "fragment"
    if "?" in before:
        return "query"
    scheme, colon, rest = before.partition("://")
    if not colon or not scheme:
        return "scheme"
    return "path" if "/" in rest else "host"


def _encoded(name: str, text: str, place: str) -> str:
    if place in _SAFE:
        return quote(text, safe=_SAFE[place], errors="replace")
    if not _HOST_VALUE.fullmatch(text):
        raise Refused("value_host", variable=name, value=text[:80])
    return text


# ---------------------------------------------------------------- problems


def _problem_of(variable: Variable) -> Refused | None:
    try:
        if not _NAME.fullmatch(variable.name):
            raise Refused("variable_name", variable=variable.name[:80])
        if variable.name.lower() in MACROS:
            raise Refused("variable_reserved", variable=variable.name)
        if variable.kind not in RULES:
            raise Refused("variable_kind", variable=variable.name, known=", ".join(RULES))
        check_rules(variable)
    except Refused as refused:
        return refused
    return None


def _problems_of_names(variables: Sequence[Variable]) -> Iterator[Refused]:
    """Columns of an import are found whatever their case, so names may not differ by case only."""
    seen: set[str] = set()
    for variable in variables:
        if variable.name.lower() in seen:
            yield Refused("variable_twice", variable=variable.name)
        seen.add(variable.name.lower())


def _problems_of_url(url_template: str, variables: Sequence[Variable]) -> Iterator[Refused]:
    names = {variable.name for variable in variables}
    used = set(_BLANK.findall(url_template))
    for name in sorted(used - names - MACROS):
        yield Refused("variable_unknown", variable=name)
    for variable in variables:
        if _NAME.fullmatch(variable.name) and variable.name not in used:
            yield Refused("variable_unused", variable=variable.name)
    if set("{}") & set(_BLANK.sub("", url_template)):
        yield Refused("template_braces")
    elif not re.match(r"https?://", url_template.strip(), re.IGNORECASE):
        yield Refused("template_scheme")
    elif wrong := _checked(_BLANK.sub("x", url_template)).errors:
        yield wrong[""]
