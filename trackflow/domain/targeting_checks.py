"""Targeting rules that could never win, found when they are saved."""

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import combinations

from trackflow.domain import ip_ranges
from trackflow.domain.errors import Refused
from trackflow.domain.targeting import Rule, includes_language

# As RFC 5646 writes them and browsers send them: a language, then script, region or variant.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
# What no browser says of itself.
_IMPOSSIBLE = {
    ("Desktop", "iOS"),
    ("Desktop", "Android"),
    ("Mobile", "Windows"),
    ("Mobile", "macOS"),
    ("Mobile", "Chrome OS"),
    ("Tablet", "macOS"),
    ("Tablet", "Chrome OS"),
}


def check_language(text: str) -> str:
    """Return the language tag ``text``, or raise Refused if it is none."""
    if not _LANGUAGE.fullmatch(text):
        raise Refused("rule_language", text=text[:80])
    return text


def check_rules(
    rules: Sequence[Rule], starts_at: datetime | None = None, expires_at: datetime | None = None
) -> None:
    """Raise Refused for the first of ``rules`` that no visitor can match.

    starts_at, expires_at: of the link, naive site time. Refused names rules by ``number``, counted from 1,
    and where an earlier one is in the way, by ``earlier``.
    """
    for number, rule in enumerate(rules, 1):
        _check_rule(rule, number)
        _check_within_link(rule, number, starts_at, expires_at)
    for (first, earlier), (second, later) in combinations(enumerate(rules, 1), 2):
        if covers(earlier, later):
            raise Refused("rule_shadowed", number=second, earlier=first)


def _check_rule(rule: Rule, number: int) -> None:
    if not _has_condition(rule):
        raise Refused("rule_empty", number=number)
    if rule.parameter_value and not rule.parameter:
        raise Refused("rule_value_alone", number=number, value=rule.parameter_value[:80])
    if rule.starts_at and rule.ends_at and rule.ends_at <= rule.starts_at:
        raise Refused("rule_dates", number=number)
    if (rule.device, rule.system) in _IMPOSSIBLE:
        raise Refused("rule_impossible_device", number=number, device=rule.device, system=rule.system)


def _has_condition(rule: Rule) -> bool:
    return any(value for name, value in vars(rule).items() if name not in ("name", "target_url"))


def _check_within_link(
    rule: Rule, number: int, starts_at: datetime | None, expires_at: datetime | None
) -> None:
    if starts_at and rule.ends_at and rule.ends_at <= starts_at:
        raise Refused("rule_before_link", number=number)
    if expires_at and rule.starts_at and rule.starts_at >= expires_at:
        raise Refused("rule_after_link", number=number)


def covers(earlier: Rule, later: Rule) -> bool:
    """Say whether every visitor who matches ``later`` matches ``earlier`` too, so that it never wins."""
    return (
        earlier.device in ("", later.device)
        and earlier.system in ("", later.system)
        and _covers_parameter(earlier, later)
        and _covers_time(earlier, later)
        and _covers_languages(earlier, later)
        and (
            not earlier.countries
            or (bool(later.countries) and set(later.countries) <= set(earlier.countries))
        )
        and _covers_addresses(earlier, later)
    )


def _covers_parameter(earlier: Rule, later: Rule) -> bool:
    same = earlier.parameter == later.parameter
    return not earlier.parameter or (same and earlier.parameter_value in ("", later.parameter_value))


def _covers_time(earlier: Rule, later: Rule) -> bool:
    since = not earlier.starts_at or bool(later.starts_at and later.starts_at >= earlier.starts_at)
    until = not earlier.ends_at or bool(later.ends_at and later.ends_at <= earlier.ends_at)
    return since and until


def _covers_languages(earlier: Rule, later: Rule) -> bool:
    if not earlier.languages:
        return True
    return bool(later.languages) and all(
        any(includes_language(wider, narrower) for wider in earlier.languages) for narrower in later.languages
    )


def _covers_addresses(earlier: Rule, later: Rule) -> bool:
    if not earlier.addresses:
        return True
    wide, narrow = ip_ranges.parse_ranges(earlier.addresses), ip_ranges.parse_ranges(later.addresses)
    return bool(narrow) and all(
        any(one.version == net.version and one.subnet_of(net) for net in wide) for one in narrow
    )
