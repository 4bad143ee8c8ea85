"""Touches: the moments at which a campaign met a visitor."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit

from trackflow.domain.links import Utm

# An email and its link tell of the same click within this.
SAME_CLICK = timedelta(seconds=10)
# Conversions that are the outcome itself, not steps towards it.
MILESTONE_CONVERSIONS = ("Lead", "Deal Won")


class Kind(str, Enum):
    """What a touch was: a click on a short link, a page view that began a session, a click in an email, a conversion
    on the way, or something offline that somebody noted by hand."""

    CLICK = "Click"
    PAGE_VIEW = "Page View"
    EMAIL = "Email"
    CONVERSION = "Conversion"
    OFFLINE = "Offline"


@dataclass(frozen=True)
class Touch:
    """name: of the record, which ``kind`` tells. at: naive site time. visitor_id: "" where only the address or the
    deal is known. campaign: Link Campaign name or utm_campaign. landing_page: the address that the visitor was sent
    to. factor: how much it counts beside a full touch, above 0 and up to 1.
    """

    name: str
    at: datetime
    visitor_id: str = ""
    link: str = ""
    campaign: str = ""
    source: str = ""
    medium: str = ""
    term: str = ""
    content: str = ""
    variant: str = ""
    referrer: str = ""
    landing_page: str = ""
    kind: str = Kind.CLICK.value
    factor: float = 1.0

    @property
    def is_direct(self) -> bool:
        return not (self.source or self.campaign)

    @property
    def click_event(self) -> str:
        """The name of the Click Event, "" for a touch of another kind."""
        return self.name if self.kind == Kind.CLICK.value else ""


def origin(utm: Utm, referrer: str) -> tuple[str, str]:
    """Return (source, medium): the UTM parameters, else the referring host as a referral, else ("", "")."""
    if utm.source or utm.medium or utm.campaign:
        return utm.source, utm.medium
    try:
        host = urlsplit(referrer).hostname or ""
    except ValueError:
        host = ""
    return (host.removeprefix("www.")[:140], "referral") if host else ("", "")


def journey(touches: Iterable[Touch], until: datetime, window_days: int) -> list[Touch]:
    """Return the touches of the ``window_days`` up to ``until``, each once, oldest first.

    Order is by time and then by name, so that the same touches always make the same journey. A click in an
    email that is there as a click on its link, too, counts as the latter. A conversion that does not know where it
    came from came from the same visitor's last touch that does.
    """
    since = until - timedelta(days=window_days)
    eligible = {(touch.kind, touch.name): touch for touch in touches if since <= touch.at <= until}
    ordered = sorted(eligible.values(), key=lambda touch: (touch.at, touch.name, touch.kind))
    return _with_origins(_without_doubles(ordered))


def _without_doubles(touches: Sequence[Touch]) -> list[Touch]:
    emails = [touch for touch in touches if touch.kind == Kind.EMAIL.value and touch.link]
    if not emails:
        return list(touches)
    clicks = [touch for touch in touches if touch.click_event]
    doubles = {
        email.name
        for email in emails
        if any(email.link == click.link and abs(email.at - click.at) <= SAME_CLICK for click in clicks)
    }
    return [touch for touch in touches if not (touch.kind == Kind.EMAIL.value and touch.name in doubles)]


def _with_origins(touches: Sequence[Touch]) -> list[Touch]:
    known: dict[str, Touch] = {}
    found = []
    for touch in touches:
        if touch.kind == Kind.CONVERSION.value and touch.is_direct:
            touch = _like(touch, known.get(touch.visitor_id))
        elif not touch.is_direct:
            known[touch.visitor_id] = touch
        found.append(touch)
    return found


def _like(touch: Touch, origin: Touch | None) -> Touch:
    """Return ``touch`` with the link, campaign and source of ``origin``."""
    if not origin:
        return touch
    return replace(
        touch,
        link=touch.link or origin.link,
        campaign=origin.campaign,
        source=origin.source,
        medium=origin.medium,
        term=origin.term,
        content=origin.content,
        variant=origin.variant,
    )
