"""A click: the request cropped and normalised once, and the verdict on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from trackflow.domain import clients, reasons
from trackflow.domain.consent import Consent
from trackflow.domain.links import Utm

# Raised whenever the same click could get another verdict than before, so that clicks can be judged again.
# 2: link preview fetchers that the list of robots misses, own user agents of robots, many links in a second from
# one address; reasons name the robot.
RULES_VERSION = 2
DUPLICATE_WINDOW = timedelta(seconds=10)

MAX_USER_AGENT = 500
MAX_URL = 2048
MAX_LANGUAGE = 64

_PURPOSE_HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


class Verdict(str, Enum):
    """Only human clicks count."""

    HUMAN = "human"
    BOT = "bot"
    PREFETCH = "prefetch"
    INTERNAL = "internal"
    DUPLICATE = "duplicate"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True)
class Ruling:
    """A verdict and the reason that a reader of the click event is given."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True)
class Click:
    """What is known of a click when it is accepted, cropped and, where asked for, anonymised.

    name: of the Click Queue row and of the Click Event that it becomes. at: naive site time. ruling: set
    where the request or the site's own rules decide, else None.
    """

    name: str
    link: str
    code: str
    at: datetime
    campaign: str = ""
    visitor_id: str = ""
    ip_address: str = ""
    user_agent: str = ""
    referrer: str = ""
    page_url: str = ""
    destination_url: str = ""
    variant: str = ""
    rule: str = ""
    language: str = ""
    consent: Consent = Consent.NOT_REQUIRED
    utm: Utm = field(default_factory=Utm)
    ruling: Ruling | None = None


def crop(text: str | None, longest: int) -> str:
    """Return ``text`` in at most ``longest`` characters that any database column takes. Never raises.

    Control characters go, what is no valid Unicode becomes a question mark.
    """
    if not text:
        return ""
    cleaned = text[: longest * 2].encode("utf-8", "replace").decode("utf-8")
    if cleaned.isprintable():
        return cleaned[:longest]
    return "".join(char for char in cleaned if char.isprintable())[:longest]


def prefetch_reason(headers: Mapping[str, str]) -> str:
    """Return the header by which a browser says that nobody has clicked yet, or "".

    Sec-Purpose is what browsers send today (Fetch standard), the others are older.
    """
    for header in _PURPOSE_HEADERS:
        value = headers.get(header) or ""
        if any(word in value.lower() for word in ("prefetch", "prerender", "preview")):
            return f"{header}: {crop(value, 60)}"
    return ""


def judge_request(*, prefetch: str, opted_out: bool, internal: bool) -> Ruling | None:
    """Return the ruling where the request alone decides, else None."""
    if prefetch:
        return Ruling(Verdict.PREFETCH, prefetch)
    if opted_out:
        return Ruling(Verdict.OPTED_OUT, reasons.OPTED_OUT)
    if internal:
        return Ruling(Verdict.INTERNAL, reasons.INTERNAL)
    return None


def judge(click: Click, last_human_click: datetime | None) -> Ruling:
    """Return the ruling on ``click``.

    last_human_click: when the same visitor's human click on the same link was that is nearest in time, or
    None if there was none.
    """
    if click.ruling:
        return click.ruling
    if not click.user_agent:
        return Ruling(Verdict.BOT, reasons.NO_USER_AGENT)
    if robot := clients.robot(click.user_agent):
        return Ruling(Verdict.BOT, robot)
    if last_human_click and abs(click.at - last_human_click) < DUPLICATE_WINDOW:
        return Ruling(Verdict.DUPLICATE, reasons.AGAIN.format(DUPLICATE_WINDOW.seconds))
    return Ruling(Verdict.HUMAN, "")
