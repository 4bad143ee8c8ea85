"""A tracked link as the redirect sees it: a plain record, small enough for a cache."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from trackflow.domain.targeting import Rule


class Availability(str, Enum):
    """Whether a link redirects, or why it does not."""

    OPEN = "open"
    PAUSED = "paused"
    ARCHIVED = "archived"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    USED_UP = "used_up"


@dataclass(frozen=True)
class Variant:
    """One destination among several; ``weight`` is relative to the other variants of the link."""

    name: str
    target_url: str
    weight: int


@dataclass(frozen=True)
class Utm:
    """The UTM parameters that a link stands for. Empty strings are left out of URLs."""

    source: str = ""
    medium: str = ""
    campaign: str = ""
    term: str = ""
    content: str = ""

    def parameters(self) -> dict[str, str]:
        """Return ``{"utm_source": ...}`` for what is filled in, in the customary order."""
        named = {f"utm_{key}": value for key, value in vars(self).items()}
        return {key: value for key, value in named.items() if value}


@dataclass(frozen=True)
class Link:
    """``name`` is the Tracked Link's, ``campaign`` the Link Campaign's name; times are naive site time.

    ``target_url`` has the UTM and additional parameters in it already, so that the redirect builds nothing.
    has_macros: whether any of its URLs has macros to fill in. visitor_wins: what a forwarded parameter does
    that the destination has as well.
    """

    name: str
    code: str
    target_url: str
    status: str = "Active"
    campaign: str = ""
    utm: Utm = Utm()
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    fallback_url: str = ""
    fallbacks: tuple[tuple[str, str], ...] = ()
    max_clicks: int = 0
    password_hash: str = ""
    redirect_status: int = 302
    append_visitor_id: bool = False
    variants: tuple[Variant, ...] = ()
    rules: tuple[Rule, ...] = ()
    ios_url: str = ""
    android_url: str = ""
    has_macros: bool = False
    forward_query: bool = False
    visitor_wins: bool = False


def fallback(link: Link, state: Availability) -> str:
    """Return where visitors of ``link`` go in ``state``: its own address for that, else the general one, or ""."""
    return dict(link.fallbacks).get(state.value) or link.fallback_url


def availability(link: Link, now: datetime) -> Availability:
    """Say whether ``link`` redirects at ``now`` (naive site time). It expires at its expiry moment sharp.

    Whether its clicks are used up stands in no record that could be cached, so that is not said here.
    """
    if link.status == "Archived":
        return Availability.ARCHIVED
    if link.status != "Active":
        return Availability.PAUSED
    if link.expires_at and now >= link.expires_at:
        return Availability.EXPIRED
    if link.starts_at and now < link.starts_at:
        return Availability.NOT_STARTED
    return Availability.OPEN
