"""Targeting rules: visitors with certain traits go to another destination.

Rules are asked in their order and the first one of which all conditions hold wins. A rule that could never
win is refused when it is saved (``targeting_checks``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import parse_qsl

from trackflow.domain import clients, ip_ranges
from trackflow.domain.clients import Client
from trackflow.domain.ip_ranges import Address

DEVICES = ("Desktop", "Mobile", "Tablet")
# As people call them, and what the user agent list calls them.
SYSTEMS = {
    "Android": ("Android",),
    "iOS": ("iOS",),
    "Windows": ("Windows",),
    "macOS": ("Mac OS X",),
    "Linux": ("Linux", "Ubuntu", "Debian", "Fedora", "Red Hat", "SUSE", "Mandriva", "Slackware", "Gentoo"),
    "Chrome OS": ("Chrome OS",),
}


@dataclass(frozen=True)
class Rule:
    """Conditions, of which those that are filled in must all hold, and where visitors go then.

    name: what clicks record. device and system: one of ``DEVICES`` and ``SYSTEMS``. languages: as "de" or
    "de-at", countries: as "DE". parameter: of the short URL's query; parameter_value: "" for any. starts_at
    and ends_at: naive site time, the end itself excluded. addresses: as ``ip_ranges.parse_ranges`` takes
    them.
    """

    name: str
    target_url: str
    device: str = ""
    system: str = ""
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    parameter: str = ""
    parameter_value: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    addresses: str = ""


def country_unknown(_address: Address | None) -> str:
    """Stand in for a country database where there is none."""
    return ""


@dataclass(frozen=True)
class Traits:
    """What rules ask about a visitor. What costs something is worked out when the first rule asks.

    now: naive site time. query: of the request, as it came. country_of: returns the two letters of an
    address's country, "" if it is not known.
    """

    now: datetime
    user_agent: str = ""
    accept_language: str = ""
    query: str = ""
    address: Address | None = None
    country_of: Callable[[Address | None], str] = country_unknown

    @cached_property
    def client(self) -> Client:
        return clients.client(self.user_agent)

    @cached_property
    def language(self) -> str:
        return preferred_language(self.accept_language)

    @cached_property
    def country(self) -> str:
        return self.country_of(self.address)

    @cached_property
    def parameters(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for key, value in parse_qsl(self.query, keep_blank_values=True):
            found.setdefault(key, set()).add(value)
        return found


def first_match(rules: Sequence[Rule], traits: Traits) -> Rule | None:
    """Return the first of ``rules`` that holds for a visitor, or None."""
    return next((rule for rule in rules if holds(rule, traits)), None)


def holds(rule: Rule, traits: Traits) -> bool:
    """Say whether all conditions of ``rule`` hold. Those that cost nothing are asked first."""
    return (
        (not rule.starts_at or traits.now >= rule.starts_at)
        and (not rule.ends_at or traits.now < rule.ends_at)
        and (not rule.parameter or _has_parameter(rule, traits))
        and (not rule.addresses or ip_ranges.contains(ip_ranges.parse_ranges(rule.addresses), traits.address))
        and (not rule.languages or any(includes_language(one, traits.language) for one in rule.languages))
        and (not rule.device or traits.client.device_type == rule.device)
        and (not rule.system or traits.client.os in SYSTEMS[rule.system])
        and (not rule.countries or traits.country in rule.countries)
    )


def _has_parameter(rule: Rule, traits: Traits) -> bool:
    values = traits.parameters.get(rule.parameter, ())
    return bool(values) if not rule.parameter_value else rule.parameter_value in values


def includes_language(wider: str, narrower: str) -> bool:
    """Say whether the tag ``wider`` ("de") takes in ``narrower`` ("de-AT"); both in lower case."""
    return narrower == wider or narrower.startswith(f"{wider}-")


def preferred_language(accept_language: str) -> str:
    """Return the language tag with the highest quality in lower case, the first of equals, "" without any.

    Follows RFC 9110: no quality means 1, quality 0 means "not this one". A quality that can't be read
    counts as 0.
    """
    best, best_quality = "", 0.0
    for part in accept_language[:1000].split(","):
        tag, _, parameters = part.partition(";")
        quality = _quality(parameters)
        if quality > best_quality and tag.strip() not in ("", "*"):
            best, best_quality = tag.strip().lower(), quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if not parameters.strip():
        return 1.0
    try:
        quality = float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
