"""Whether a visitor may be given a cookie, and whether a visit may be recorded."""

from dataclasses import dataclass
from enum import Enum


class Consent(str, Enum):
    """As it is stored on each event."""

    NOT_REQUIRED = "Not Required"
    GRANTED = "Granted"
    DENIED = "Denied"
    UNKNOWN = "Unknown"

    @property
    def allows_cookie(self) -> bool:
        return self in (Consent.NOT_REQUIRED, Consent.GRANTED)


@dataclass(frozen=True)
class Signals:
    """What a browser said: the consent cookie ("granted", "denied" or None) and the privacy headers."""

    cookie: str | None = None
    global_privacy_control: bool = False
    do_not_track: bool = False


def decide(signals: Signals, *, required: bool, honour_headers: bool) -> Consent:
    """Return the consent that holds for a request.

    required: the site asks before it sets a cookie. honour_headers: GPC and DNT count as a no even where it
    does not ask. A no in the cookie is always a no; headers win over a yes that was given to the banner,
    because the browser sends them on purpose with every request.
    """
    said_no = signals.global_privacy_control or signals.do_not_track
    if signals.cookie == "denied" or (said_no and (required or honour_headers)):
        return Consent.DENIED
    if not required:
        return Consent.NOT_REQUIRED
    return Consent.GRANTED if signals.cookie == "granted" else Consent.UNKNOWN
