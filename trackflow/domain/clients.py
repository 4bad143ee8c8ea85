"""What a user agent string tells: device, browser, operating system, robot."""

from dataclasses import dataclass
from functools import lru_cache

import crawleruseragents
import user_agents


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


@lru_cache(maxsize=4096)
def is_bot(user_agent: str) -> bool:
    """Say whether the string is one that robots send, after the list of the crawler-user-agents package."""
    return crawleruseragents.is_crawler(user_agent)
