"""Touches: the moments at which a campaign met a visitor."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from trackflow.domain.links import Utm


@dataclass(frozen=True)
class Touch:
    """name: of the Click Event. at: naive site time. campaign: Link Campaign name or utm_campaign. landing_page: the
    address that the visitor was sent to."""

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

    @property
    def is_direct(self) -> bool:
        return not (self.source or self.campaign)


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

    Order is by time and then by name, so that the same touches always make the same journey.
    """
    since = until - timedelta(days=window_days)
    eligible = {touch.name: touch for touch in touches if since <= touch.at <= until}
    return sorted(eligible.values(), key=lambda touch: (touch.at, touch.name))
