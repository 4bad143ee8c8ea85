"""A page view, as the browser tells of it: cropped and normalised once, and where it came from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from trackflow.domain import clients
from trackflow.domain.consent import Consent
from trackflow.domain.links import Utm
from trackflow.domain.touchpoints import Touch, origin

MAX_TEXT = 140


@dataclass(frozen=True)
class PageView:
    """name: unique, later ones sorting later; it becomes the Visitor Event's. at: naive site time. referrer: the
    address of the page before, "" for none. campaign: name of the Link Campaign whose Campaign ID the URL names. What
    may not be kept of address and user agent is gone already.
    """

    name: str
    visitor_id: str
    at: datetime
    url: str = ""
    referrer: str = ""
    campaign: str = ""
    ip_address: str = ""
    user_agent: str = ""
    consent: Consent = Consent.NOT_REQUIRED
    title: str = ""

    @property
    def utm(self) -> Utm:
        return utm_of(self.url)

    @property
    def leaves_trace(self) -> bool:
        """Whether a person saw the page: of robots nothing is kept."""
        return bool(self.visitor_id and self.user_agent and not clients.robot(self.user_agent))


def utm_of(url: str) -> Utm:
    """Return the UTM parameters in the query of ``url``. Never raises."""
    try:
        query = parse_qs(urlsplit(url).query, max_num_fields=100)
    except ValueError:
        return Utm()
    return Utm(**{name: query.get(f"utm_{name}", [""])[0][:MAX_TEXT] for name in Utm.__dataclass_fields__})


def touch_of(view: PageView, own_hosts: Collection[str] = ()) -> Touch:
    """Return where a page view came from; a page of the same site, or of ``own_hosts``, brings nobody."""
    utm = view.utm
    source, medium = origin(utm, "" if _is_internal(view, own_hosts) else view.referrer)
    return Touch(
        name=view.name,
        at=view.at,
        visitor_id=view.visitor_id,
        campaign=view.campaign or utm.campaign,
        source=source,
        medium=medium,
        term=utm.term,
        content=utm.content,
    )


def _is_internal(view: PageView, own_hosts: Collection[str]) -> bool:
    page, before = _host(view.url), _host(view.referrer)
    return bool(before) and (before in own_hosts or _belong_together(page, before))


def _belong_together(page: str, before: str) -> bool:
    """Say whether one host is the other, or below it."""
    return page == before or page.endswith(f".{before}") or before.endswith(f".{page}") if page else False


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
