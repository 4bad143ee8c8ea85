"""User agents: real ones of browsers and of robots are told apart."""

import crawleruseragents
import pytest
from fake_useragent.utils import load
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.clients import Client, client, is_bot, robot

BROWSERS = load()
ROBOTS = [
    (robot["pattern"], instance)
    for robot in crawleruseragents.CRAWLER_USER_AGENTS_DATA
    for instance in robot.get("instances", [])
]
# Two call themselves mobile in the data and tablet in their string.
DEVICE_TYPES = {"desktop": {"Desktop"}, "mobile": {"Mobile", "Tablet"}, "tablet": {"Tablet"}}

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Mobile/15E148 Safari/604.1"
)
IPAD = IPHONE.replace("iPhone;", "iPad;").replace("CPU iPhone OS", "CPU OS")
FIREFOX = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
    "Safari/537.36 Edg/124.0.0.0"
)
PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
    "Mobile Safari/537.36"
)


def test_there_are_enough_real_strings_to_say_something():
    assert len(BROWSERS) > 1_000
    assert len(ROBOTS) > 1_000


def test_no_real_browser_is_taken_for_a_robot():
    assert [one["useragent"] for one in BROWSERS if is_bot(one["useragent"])] == []


def test_every_known_robot_is_recognised():
    assert [pair for pair in ROBOTS if not is_bot(pair[1])] == []


def test_every_known_robot_is_of_the_device_type_bot():
    sample = ROBOTS[::10]
    assert {client(instance).device_type for _pattern, instance in sample} == {"Bot"}


def test_real_browsers_are_of_their_device_type():
    wrong = [
        one["useragent"]
        for one in BROWSERS
        if client(one["useragent"]).device_type not in DEVICE_TYPES[one["type"]]
    ]
    # One Pixel that was asked for the desktop site, at the time of writing.
    assert len(wrong) <= len(BROWSERS) * 0.001


def test_real_browsers_run_on_their_operating_system():
    assert [one["useragent"] for one in BROWSERS if client(one["useragent"]).os != one["os"]] == []


def test_nearly_all_real_browsers_have_their_name():
    named = sum(client(one["useragent"]).browser == one["browser"] for one in BROWSERS)
    assert named / len(BROWSERS) > 0.99


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (IPHONE, Client("Mobile", "Mobile Safari", "iOS")),
        (IPAD, Client("Tablet", "Mobile Safari", "iOS")),
        (FIREFOX, Client("Desktop", "Firefox", "Ubuntu")),
        (EDGE, Client("Desktop", "Edge", "Windows")),
        (PIXEL, Client("Mobile", "Chrome Mobile", "Android")),
        ("", Client("Other", "Other", "Other")),
        ("Mozilla/5.0", Client("Other", "Other", "Other")),
    ],
)
def test_device_browser_and_system_are_names_without_versions(user_agent, expected):
    assert client(user_agent) == expected


@pytest.mark.parametrize(
    "user_agent",
    [
        "curl/8.5.0",
        "Wget/1.21.4",
        "python-requests/2.31.0",
        "Go-http-client/2.0",
        "WhatsApp/2.23.20.0",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/124.0.0.0 Safari/537.36",
    ],
)
def test_link_previews_and_command_line_tools_are_robots(user_agent):
    assert is_bot(user_agent)
    assert client(user_agent).device_type == "Bot"


@given(st.text())
def test_no_text_makes_the_parser_raise(user_agent):
    assert client(user_agent).device_type in ("Desktop", "Mobile", "Tablet", "Bot", "Other")


@pytest.mark.parametrize(
    "user_agent", ["\ud800", "\x00", "(" * 500, "Mozilla/5.0 (" * 38, "\U0001f600" * 500]
)
def test_strange_user_agents_are_no_trouble(user_agent):
    assert isinstance(client(user_agent), Client)


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "robot: Googlebot"),
        ("curl/8.5.0", "robot: curl"),
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "link preview fetcher: Slackbot"),
        ("WhatsApp/2.23.20.0", "link preview fetcher: WhatsApp"),
        (
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "link preview fetcher: facebookexternalhit",
        ),
        (
            "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
            "link preview fetcher: SkypeUriPreview",
        ),
        (
            "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
            "link preview fetcher: Discordbot",
        ),
        ("TelegramBot (like TwitterBot)", "link preview fetcher: TelegramBot"),
        (
            "LinkedInBot/1.0 (compatible; Mozilla/5.0; +http://www.linkedin.com)",
            "link preview fetcher: LinkedInBot",
        ),
        ("Microsoft Office Existence Discovery", "link preview fetcher: Microsoft Office"),
        ("Mozilla/4.0 (compatible; ms-office; MSOffice 16)", "link preview fetcher: ms-office"),
        (
            "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
            "link preview fetcher: Bluesky Cardyb",
        ),
        (
            "Mozilla/5.0 (compatible; ZulipURLPreview/10.0; +https://zulip.com)",
            "link preview fetcher: ZulipURLPreview",
        ),
        (EDGE, ""),
        (IPHONE, ""),
    ],
)
def test_a_robot_is_named_and_who_fetches_previews_told_apart(user_agent, told):
    assert robot(user_agent) == told
