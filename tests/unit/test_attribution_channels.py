"""Channels: GA4's default grouping, and own rules before it."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.attribution.channels import (
    CHANNELS,
    ChannelRule,
    Grouping,
    parse_conditions,
    usual_channel,
)
from trackflow.domain.errors import Refused

from .builders import direct, touch


@pytest.mark.parametrize(
    ("source", "medium", "campaign", "channel"),
    [
        ("", "", "", "Direct"),
        ("(direct)", "(none)", "", "Direct"),
        ("direct", "(not set)", "", "Direct"),
        ("google", "cpc", "Cross-Network May", "Cross-network"),
        ("amazon", "cpc", "", "Paid Shopping"),
        ("google", "cpc", "summer shopping", "Paid Shopping"),
        ("google", "cpc", "workshop in May", "Paid Search"),
        ("google", "cpc", "", "Paid Search"),
        ("bing", "ppc", "", "Paid Search"),
        ("bing", "cpm", "", "Paid Search"),
        ("facebook", "paid_social", "", "Paid Social"),
        ("linkedin", "cpc", "", "Paid Social"),
        ("youtube", "paidvideo", "", "Paid Video"),
        ("somewhere", "banner", "", "Display"),
        ("somewhere", "cpm", "", "Display"),
        ("somewhere", "retargeting", "", "Paid Other"),
        ("etsy.com", "referral", "", "Organic Shopping"),
        ("l.facebook.com", "referral", "", "Organic Social"),
        ("t.co", "referral", "", "Organic Social"),
        ("anything", "social-media", "", "Organic Social"),
        ("youtu.be", "referral", "", "Organic Video"),
        ("anything", "product-video", "", "Organic Video"),
        ("google.co.uk", "referral", "", "Organic Search"),
        ("news.google.com", "referral", "", "Organic Search"),
        ("duckduckgo.com", "referral", "", "Organic Search"),
        ("anything", "organic", "", "Organic Search"),
        ("mail.google.com", "referral", "", "Email"),
        ("newsletter", "email", "", "Email"),
        ("e-mail", "", "", "Email"),
        ("blog.example.com", "referral", "", "Referral"),
        ("docs.google.com", "referral", "", "Referral"),
        ("google.example.com", "referral", "", "Referral"),
        ("partner", "affiliate", "", "Affiliates"),
        ("spotify", "audio", "", "Audio"),
        ("sms", "", "", "SMS"),
        ("anything", "sms", "", "SMS"),
        ("app", "web-push", "", "Mobile Push Notifications"),
        ("firebase", "x", "", "Mobile Push Notifications"),
        ("anything", "carrier pigeon", "", "Other"),
        ("", "", "Spring", "Other"),
        ("GOOGLE", "CPC", "", "Paid Search"),
        (" Newsletter ", " E-Mail ", "", "Email"),
    ],
)
def test_touches_belong_to_the_channels_of_ga4(source, medium, campaign, channel):
    assert usual_channel(touch("t", source=source, medium=medium, campaign=campaign)) == channel


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_every_touch_has_one_of_the_channels_whatever_it_says(source, medium, campaign):
    assert usual_channel(touch("t", source=source, medium=medium, campaign=campaign)) in CHANNELS


def rule(channel: str, conditions: str) -> ChannelRule:
    return ChannelRule(channel, parse_conditions(conditions))


TOUCH = touch(
    "t",
    source="Partner-Shop",
    medium="banner",
    campaign="Spring 2024",
    referrer="https://blog.example.com/review?id=7",
    landing_page="https://shop.example.com/de/boots",
)


@pytest.mark.parametrize(
    "condition",
    [
        "source equals partner-shop",
        "SOURCE Equals Partner-Shop",
        "medium contains ann",
        "campaign starts with spring",
        "campaign regex ^spring 20\\d\\d$",
        "referrer contains example.com/REVIEW",
        "referrer regex [?&]id=\\d",
        "landing page starts with https://shop.example.com/de/",
        "  landing page   regex   boots$  ",
    ],
)
def test_a_condition_that_holds_gives_the_rules_channel(condition):
    assert Grouping((rule("Own", condition),)).channel_of(TOUCH) == "Own"


@pytest.mark.parametrize(
    "condition",
    [
        "source equals partner",
        "medium contains email",
        "campaign starts with pring",
        "campaign regex ^2024",
        "landing page starts with shop",
        "source equals partner-shop\nmedium equals email",
    ],
)
def test_one_that_does_not_leaves_the_touch_to_the_usual_grouping(condition):
    assert Grouping((rule("Own", condition),)).channel_of(TOUCH) == "Display"


def test_the_first_rule_that_matches_wins():
    rules = (rule("No", "medium equals email"), rule("One", "source contains shop"), rule("Two", ""))
    assert Grouping(rules).channel_of(TOUCH) == "One"
    assert Grouping(rules).channel_of(direct("d")) == "Two"
    assert Grouping(rules[:2]).channel_of(direct("d")) == "Direct"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("colour equals red", "channel_condition"),
        ("source is newsletter", "channel_condition"),
        ("source equals", "channel_condition"),
        ("newsletter", "channel_condition"),
        ("landing equals x", "channel_condition"),
        ("source regex (open", "channel_pattern"),
        ("source regex (a)\\1", "channel_pattern"),
        ("source regex (?=a)", "channel_pattern"),
        ("source regex " + "(" * 4 + "a{1000}" + "){1000}" * 4, "channel_pattern"),
        ("source contains " + "x" * 501, "channel_value_long"),
        ("source equals a\n" * 21, "channel_conditions"),
    ],
)
def test_what_is_no_condition_is_refused(text, reason):
    with pytest.raises(Refused) as refusal:
        parse_conditions(text)
    assert refusal.value.reason == reason


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_patterns_that_hold_others_up_for_ever_take_no_time(pattern):
    grouping = Grouping((rule("Own", f"landing page regex {pattern}"),))
    started = time.perf_counter()
    grouping.channel_of(touch("t", landing_page="a" * 2_000 + "!"))
    assert time.perf_counter() - started < 0.5


@given(st.text(max_size=60))
def test_text_is_a_rule_or_refused_and_nothing_else(text):
    with suppress(Refused):
        Grouping((rule("Own", f"source regex {text}"),)).channel_of(TOUCH)
