"""What a user agent string tells: device, browser, operating system, robot."""

import re
from dataclasses import dataclass
from functools import lru_cache

import crawleruseragents
import user_agents

from trackflow.domain import reasons

# Fetchers of previews, and Office, which opens a link itself before it hands it to the browser.
MORE_PREVIEWERS = ("Bluesky Cardyb", "ZulipURLPreview", "Microsoft Office", "ms-office", "MSOffice")


@dataclass(frozen=True)
class Client:
    """device_type is Desktop, Mobile, Tablet, Bot or Other; browser and os are names without versions."""

    device_type: str
    browser: str
    os: str


# Parsing runs through some thousand patterns, and a site meets the same few hundred strings all day.
@lru_cache(maxsize=4096)
def client(user_agent: str) -> Client:
    """Return what ``user_agent`` says of itself. Never raises."""
    parsed = user_agents.parse(user_agent)
    return Client(_device_type(parsed), parsed.browser.family, parsed.os.family)


def _device_type(parsed: user_agents.parsers.UserAgent) -> str:
    if is_bot(parsed.ua_string):
        return "Bot"
    if parsed.is_tablet:
        return "Tablet"
    if parsed.is_mobile:
        return "Mobile"
    return "Desktop" if parsed.is_pc else "Other"


def is_bot(user_agent: str) -> bool:
    """Say whether the string is one that robots send."""
    return bool(robot(user_agent))


@lru_cache(maxsize=4096)
def robot(user_agent: str) -> str:
    """Return which robot sends ``user_agent``, for example "robot: Googlebot", or "".

    Who fetches a link to show a preview of it, in a chat for example, is told apart from other robots.
    After the list of the crawler-user-agents package, and what it misses.
    """
    if found := _previewers().search(user_agent):
        return reasons.PREVIEWER.format(_name(found))
    if crawleruseragents.is_crawler(user_agent):
        found = crawleruseragents.CRAWLER_PATTERNS.case_sensitive.search(user_agent)
        return reasons.ROBOT.format(_name(found))
    return ""


@lru_cache(maxsize=1)
def _previewers() -> re.Pattern:
    listed = [
        crawler["pattern"]
        for crawler in crawleruseragents.CRAWLER_USER_AGENTS_DATA
        if "social-preview" in crawler.get("tags", ())
    ]
    return re.compile("|".join([*listed, *map(re.escape, MORE_PREVIEWERS)]))


def _name(found: re.Match) -> str:
    return found[0].strip(" /;()")[:100] or "unnamed"
