"""Channels: what kind of marketing a touch was.

A model's own rules come first, in the order of their priority; the first one that matches wins. What none of
them takes goes by the usual grouping, that of Google Analytics 4 ("[GA4] Default channel group",
https://support.google.com/analytics/answer/9756891), with the differences that ``usual_channel`` names.
Patterns run in RE2, whose time grows with the length of the text only, so that no pattern can hold up a worker.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import re2

from trackflow.domain.attribution.sites import EMAIL, SEARCH, SHOPPING, SOCIAL, VIDEO, kind_of_site
from trackflow.domain.errors import Refused
from trackflow.domain.errors import sentence as _
from trackflow.domain.touchpoints import Touch

DIRECT, OTHER = _("Direct"), _("Other")
FIELDS = ("source", "medium", "campaign", "referrer", "landing page")
OPERATORS = ("equals", "contains", "starts with", "regex")
LONGEST_VALUE = 500
MOST_CONDITIONS = 20
# Bytes that a pattern may take once it is compiled; RE2 refuses more.
PATTERN_MEMORY = 1 << 20


@dataclass(frozen=True)
class Condition:
    """field: one of ``FIELDS``. operator: one of ``OPERATORS``. value: compared whatever the case."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True)
class ChannelRule:
    """A channel for the touches that meet all ``conditions``; weight: a whole number, for Custom models."""

    channel: str
    conditions: tuple[Condition, ...] = ()
    weight: int = 1


def parse_conditions(text: str) -> tuple[Condition, ...]:
    """Return the conditions that ``text`` has, one a line: ``medium equals email``, ``source regex ^(bing|ecosia)``.

    Raises Refused for a line that says something else, or a pattern that RE2 does not take.
    """
    conditions = tuple(_condition(line.strip()) for line in text.splitlines() if line.strip())
    if len(conditions) > MOST_CONDITIONS:
        raise Refused("channel_conditions", most=MOST_CONDITIONS)
    return conditions


def _condition(line: str) -> Condition:
    lowered = line.lower()
    field = next((name for name in FIELDS if lowered.startswith(f"{name} ")), "")
    rest = line[len(field) :].strip()
    operator = next((name for name in OPERATORS if rest.lower().startswith(f"{name} ")), "")
    value = rest[len(operator) :].strip()
    if not (field and operator and value):
        raise Refused(
            "channel_condition", line=line, fields=", ".join(FIELDS), operators=", ".join(OPERATORS)
        )
    if len(value) > LONGEST_VALUE:
        raise Refused("channel_value_long", longest=LONGEST_VALUE)
    if operator == "regex":
        _pattern(value)
    return Condition(field, operator, value)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re2._Regexp:
    """Return the compiled pattern. RE2 runs in time linear in the text, whatever the pattern."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = PATTERN_MEMORY
    try:
        return re2.compile(text, options)
    except re2.error as problem:
        reason = problem.args[0]
        raise Refused(
            "channel_pattern", pattern=text, problem=reason.decode() if isinstance(reason, bytes) else reason
        ) from None


_MATCHES: dict[str, Callable[[str, str], bool]] = {
    "equals": lambda text, value: text.casefold() == value.casefold(),
    "contains": lambda text, value: value.casefold() in text.casefold(),
    "starts with": lambda text, value: text.casefold().startswith(value.casefold()),
    "regex": lambda text, value: bool(_pattern(value).search(text)),
}


def _holds(condition: Condition, texts: Mapping[str, str]) -> bool:
    return _MATCHES[condition.operator](texts[condition.field], condition.value)


@dataclass(frozen=True)
class Grouping:
    """Own rules, the first of which wins, before the usual grouping."""

    rules: tuple[ChannelRule, ...] = ()

    def rule_of(self, touch: Touch) -> ChannelRule | None:
        """Return the first rule all of whose conditions hold; one without conditions takes every touch."""
        if not self.rules:
            return None
        return self._first(touch.source, touch.medium, touch.campaign, touch.referrer, touch.landing_page)

    def channel_of(self, touch: Touch) -> str:
        rule = self.rule_of(touch)
        return rule.channel if rule else usual_channel(touch)

    @cached_property
    def _first(self) -> Callable[..., ChannelRule | None]:
        """The same few combinations come again and again."""

        @lru_cache(maxsize=16_384)
        def first(*values: str) -> ChannelRule | None:
            texts = dict(zip(FIELDS, values, strict=True))
            return next(
                (rule for rule in self.rules if all(_holds(one, texts) for one in rule.conditions)), None
            )

        return first


def usual_channel(touch: Touch) -> str:
    """Return one of ``CHANNELS``, by GA4's definitions of source, medium and campaign, whatever their case.

    Unlike GA4, which learns from Google Ads and others what an ad was, this knows what the link and the
    browser said. What fits nothing is "Other" (GA4: "Unassigned").
    """
    return _usual(touch.source, touch.medium, touch.campaign)


@lru_cache(maxsize=16_384)
def _usual(source: str, medium: str, campaign: str) -> str:
    source, medium, campaign = source.strip().lower(), medium.strip().lower(), campaign.strip().lower()
    site = kind_of_site(source)
    traits = _Traits(
        source=source,
        medium=medium,
        campaign=campaign,
        site=site,
        is_paid=bool(_PAID.search(medium)),
        is_shopping=site == SHOPPING or bool(_SHOPPING_CAMPAIGN.search(campaign)),
    )
    return next((channel for channel, fits in _DEFINITIONS if fits(traits)), OTHER)


class _Traits(NamedTuple):
    source: str
    medium: str
    campaign: str
    site: str
    is_paid: bool
    is_shopping: bool


_PAID = re2.compile(r"^(.*cp.*|ppc|retargeting|paid.*)$")
_SHOPPING_CAMPAIGN = re2.compile(r"(^|[^a-df-z])shop|shopping")
_NONE = ("", "(none)", "(not set)")
_SOCIAL_MEDIA = ("social", "social-network", "social-media", "sm", "social network", "social media")
_EMAIL = ("email", "e-mail", "e_mail", "e mail")
# In GA4's order, the first that fits wins.
_DEFINITIONS: tuple[tuple[str, Callable[[_Traits], bool]], ...] = (
    (DIRECT, lambda t: t.source in ("", "direct", "(direct)") and t.medium in _NONE and not t.campaign),
    (_("Cross-network"), lambda t: "cross-network" in t.campaign),
    (_("Paid Shopping"), lambda t: t.is_paid and t.is_shopping),
    (_("Paid Search"), lambda t: t.is_paid and t.site == SEARCH),
    (_("Paid Social"), lambda t: t.is_paid and t.site == SOCIAL),
    (_("Paid Video"), lambda t: t.is_paid and t.site == VIDEO),
    (_("Display"), lambda t: t.medium in ("display", "banner", "expandable", "interstitial", "cpm")),
    (_("Paid Other"), lambda t: t.is_paid),
    (_("Organic Shopping"), lambda t: t.is_shopping),
    (_("Organic Social"), lambda t: t.site == SOCIAL or t.medium in _SOCIAL_MEDIA),
    (_("Organic Video"), lambda t: t.site == VIDEO or "video" in t.medium),
    (_("Organic Search"), lambda t: t.site == SEARCH or t.medium == "organic"),
    # A webmail's host as the referrer: somebody followed a link in an email.
    (_("Email"), lambda t: t.site == EMAIL),
    (_("Referral"), lambda t: t.medium in ("referral", "app", "link")),
    (_("Email"), lambda t: t.source in _EMAIL or t.medium in _EMAIL),
    (_("Affiliates"), lambda t: t.medium in ("affiliate", "affiliates")),
    (_("Audio"), lambda t: t.medium == "audio"),
    (_("SMS"), lambda t: "sms" in (t.source, t.medium)),
    (
        _("Mobile Push Notifications"),
        lambda t: (
            t.medium.endswith("push")
            or "mobile" in t.medium
            or "notification" in t.medium
            or t.source == "firebase"
        ),
    ),
)
CHANNELS = (*dict.fromkeys(channel for channel, _fits in _DEFINITIONS), OTHER)
