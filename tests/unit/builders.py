"""What the tests build: clicks, touches, visitors, with everything that does not matter filled in."""

from datetime import datetime, timedelta

from trackflow.domain.clicks import Click
from trackflow.domain.touchpoints import Touch

NOON = datetime(2024, 5, 1, 12, 0, 0)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
    "Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def after(seconds: float = 0, *, minutes: float = 0, days: float = 0) -> datetime:
    return NOON + timedelta(seconds=seconds, minutes=minutes, days=days)


def visitor(number: int) -> str:
    return f"v_{number:032x}"


def click(name: str, at: datetime = NOON, **known: object) -> Click:
    """A human's click on link L by the first visitor, unless ``known`` says otherwise."""
    given = {"link": "L", "code": "abc2345", "visitor_id": visitor(1), "user_agent": CHROME, **known}
    return Click(name=name, at=at, **given)


def touch(name: str, at: datetime = NOON, source: str = "newsletter", **known: object) -> Touch:
    return Touch(name=name, at=at, source=source, **known)


def direct(name: str, at: datetime = NOON) -> Touch:
    return Touch(name=name, at=at)
