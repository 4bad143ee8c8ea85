"""Typed variables of link templates: the rules that each type knows, and what a value looks like in a URL."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from trackflow.domain.errors import Refused

MAX_VALUE_LENGTH = 500
MAX_PATTERN_LENGTH = 200
RULES = {
    "Text": ("required", "min_length", "max_length", "pattern"),
    "Number": ("required", "min", "max", "format"),
    "Date": ("required", "min", "max", "format"),
    "Choice": ("required", "choices"),
}
_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# Zeros before the point are the least number of digits, zeros behind it the number of decimals.
_NUMBER_FORMAT = re.compile(r"0{1,20}(\.0{1,10})?", re.ASCII)
_DATE_FORMAT = re.compile(r"(YYYY|YY|MM|DD|[-_./])+", re.ASCII)


@dataclass(frozen=True)
class Variable:
    """A blank of a template; ``kind`` is Text, Number, Date or Choice, ``rules`` are those of ``RULES``."""

    name: str
    kind: str = "Text"
    default: str = ""
    rules: Mapping[str, object] = field(default_factory=dict)


def check_rules(variable: Variable) -> None:
    """Raise Refused if the rules of ``variable`` make no sense, or its default breaks them."""
    known = RULES[variable.kind]
    for rule, value in variable.rules.items():
        if rule not in known:
            raise Refused(
                "rule_unknown",
                variable=variable.name,
                rule=rule,
                kind=variable.kind,
                known=", ".join(known),
            )
        _check_rule(variable, rule, value)
    _check_range(variable)
    if variable.kind == "Choice" and not variable.rules.get("choices"):
        raise Refused("choices_missing", variable=variable.name)
    if variable.default.strip():
        _check_default(variable)


def written(variable: Variable, value: str) -> str:
    """Return ``value`` (the default where it is empty) as it is to stand in a URL, not yet encoded.

    Raises Refused if the value breaks a rule. An empty value of a variable that is not required is "".
    """
    text = value.strip() or variable.default.strip()
    if not text:
        if variable.rules.get("required"):
            raise Refused("value_missing", variable=variable.name)
        return ""
    if len(text) > MAX_VALUE_LENGTH:
        raise Refused("value_too_long", variable=variable.name, longest=MAX_VALUE_LENGTH)
    return _WRITERS[variable.kind](variable, text)


# ---------------------------------------------------------------- values


def _text(variable: Variable, text: str) -> str:
    shortest, longest = variable.rules.get("min_length"), variable.rules.get("max_length")
    if shortest is not None and len(text) < shortest:
        raise Refused("value_too_short", variable=variable.name, shortest=shortest)
    if longest is not None and len(text) > longest:
        raise Refused("value_too_long", variable=variable.name, longest=longest)
    pattern = variable.rules.get("pattern")
    if pattern and not re.fullmatch(pattern, text):
        raise Refused("value_pattern", variable=variable.name, value=text[:80], pattern=pattern)
    return text


def _number(variable: Variable, text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise Refused("value_not_number", variable=variable.name, value=text[:80])
    number = Decimal(text) or Decimal(0)
    _check_limits(variable, number, lambda limit: Decimal(str(limit)))
    pattern = variable.rules.get("format")
    return _formatted_number(variable, number, pattern) if pattern else f"{number:f}"


def _formatted_number(variable: Variable, number: Decimal, pattern: str) -> str:
    whole, _, behind = pattern.partition(".")
    # Neither arithmetic nor quantize, which round to 28 digits: numbers may have 60.
    before, _, decimals = f"{number.copy_abs():f}".partition(".")
    decimals = decimals.rstrip("0")
    if len(decimals) > len(behind):
        raise Refused("value_decimals", variable=variable.name, value=f"{number:f}", decimals=len(behind))
    filled = decimals.ljust(len(behind), "0")
    sign = "-" if number < 0 else ""
    return sign + before.zfill(len(whole)) + (f".{filled}" if behind else "")


def _date(variable: Variable, text: str) -> str:
    day = _parse_date(text)
    if not day:
        raise Refused("value_not_date", variable=variable.name, value=text[:80])
    _check_limits(variable, day, lambda limit: _parse_date(str(limit)))
    parts = {"YYYY": f"{day.year:04}", "MM": f"{day.month:02}", "DD": f"{day.day:02}"}
    parts["YY"] = parts["YYYY"][2:]
    pattern = str(variable.rules.get("format") or "YYYY-MM-DD")
    return re.sub("YYYY|YY|MM|DD", lambda found: parts[found[0]], pattern)


def _choice(variable: Variable, text: str) -> str:
    choices = variable.rules.get("choices") or ()
    if text not in choices:
        raise Refused("value_choice", variable=variable.name, value=text[:80], choices=", ".join(choices))
    return text


_WRITERS: dict[str, Callable[[Variable, str], str]] = {
    "Text": _text,
    "Number": _number,
    "Date": _date,
    "Choice": _choice,
}


def _check_limits(variable: Variable, value: object, read: Callable[[object], object]) -> None:
    least, most = variable.rules.get("min"), variable.rules.get("max")
    if least is not None and value < read(least):
        raise Refused("value_too_small", variable=variable.name, value=value, least=least)
    if most is not None and value > read(most):
        raise Refused("value_too_large", variable=variable.name, value=value, most=most)


def _parse_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


# ---------------------------------------------------------------- rules


def _check_rule(variable: Variable, rule: str, value: object) -> None:
    reason, is_right = _CHECKS.get((rule, variable.kind)) or _CHECKS[rule]
    if not is_right(value):
        raise Refused(reason, variable=variable.name, rule=rule, value=str(value)[:80])


def _check_range(variable: Variable) -> None:
    for low, high in (("min", "max"), ("min_length", "max_length")):
        least, most = variable.rules.get(low), variable.rules.get(high)
        if least is None or most is None:
            continue
        # Both are checked by now: numbers, or dates as texts, which have the same order.
        if least > most:
            raise Refused("rule_range", variable=variable.name, low=low, high=high, least=least, most=most)


def _check_default(variable: Variable) -> None:
    try:
        written(variable, variable.default)
    except Refused as refused:
        raise Refused("default_refused", variable=variable.name, why=refused) from None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_VALUE_LENGTH


def _is_number(value: object) -> bool:
    is_one = isinstance(value, int | float) and not isinstance(value, bool)
    # A float may be NaN or infinite, which JSON as browsers write it is not.
    return is_one and value == value and abs(value) < 10**30


def _is_choices(value: object) -> bool:
    if not isinstance(value, list | tuple):
        return False
    texts = [choice for choice in value if isinstance(choice, str) and choice == choice.strip() != ""]
    return len(texts) == len(value) == len(set(texts)) and all(
        len(text) <= MAX_VALUE_LENGTH for text in texts
    )


def _is_pattern(value: object) -> bool:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_PATTERN_LENGTH or _repeats_repeats(value):
        return False
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def _repeats_repeats(pattern: str) -> bool:
    """Say whether a group that repeats something, or has alternatives, is itself repeated: (a+)+ takes for ever."""
    bare = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "x", pattern, flags=re.DOTALL)
    groups: list[bool] = []
    for position, char in enumerate(bare):
        if char == "(":
            groups.append(False)
        elif char in "*+{|" and groups:
            groups[-1] = True
        elif char == ")" and groups:
            varies = groups.pop()
            if varies and bare[position + 1 : position + 2] in ("*", "+", "{"):
                return True
            if varies and groups:
                groups[-1] = True
    return False


_CHECKS: dict[object, tuple[str, Callable[[object], bool]]] = {
    "required": ("rule_not_boolean", lambda value: isinstance(value, bool)),
    "min_length": ("rule_not_whole", _is_whole),
    "max_length": ("rule_not_whole", _is_whole),
    "pattern": ("rule_pattern", _is_pattern),
    "choices": ("rule_choices", _is_choices),
    ("min", "Number"): ("rule_not_number", _is_number),
    ("max", "Number"): ("rule_not_number", _is_number),
    ("min", "Date"): ("rule_not_date", lambda value: bool(_parse_date(str(value)))),
    ("max", "Date"): ("rule_not_date", lambda value: bool(_parse_date(str(value)))),
    ("format", "Number"): (
        "rule_number_format",
        lambda value: isinstance(value, str) and bool(_NUMBER_FORMAT.fullmatch(value)),
    ),
    ("format", "Date"): (
        "rule_date_format",
        lambda value: isinstance(value, str) and bool(_DATE_FORMAT.fullmatch(value)),
    ),
}
