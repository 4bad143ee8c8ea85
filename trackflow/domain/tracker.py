"""What the tracker in a page tells: whether it is heard, what is kept of it, and which visitor it is.

Everything here comes from a browser and may be made up. It says what a page view was, and of whom if the browser is
known by a valid id; it is never trusted for more than that.
"""

import re
from collections import ChainMap
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from trackflow.domain import clicks, clients, rules
from trackflow.domain.clicks import MAX_URL, crop
from trackflow.domain.consent import Consent
from trackflow.domain.errors import Refused
from trackflow.domain.links import Utm
from trackflow.domain.page_views import MAX_TEXT, PageView
from trackflow.domain.policy import Policy
from trackflow.domain.visits import CONSENT_COOKIE, VISITOR_COOKIE, Entropy, Visit, visit_of

# What a browser may tell of an address before it is looked at; campaigns may stand behind a long query.
MAX_TOLD = 4 * MAX_URL
CAMPAIGN_PARAMETERS = tuple(f"utm_{name}" for name in Utm.__dataclass_fields__)

_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9])?", re.ASCII)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}", re.ASCII)
# What may stand in a path as it is (RFC 3986, 3.3), and % of what is written with one already.
_PATH = "/%:@!$&'()*+,;=~"


@dataclass(frozen=True)
class Told:
    """What a page says. visitor and consent: what its own cookies of our names hold, "" for nothing; says_no: the
    browser's settings do (GPC, DNT).
    """

    url: str
    title: str = ""
    referrer: str = ""
    visitor: str = ""
    consent: str = ""
    says_no: bool = False


@dataclass(frozen=True)
class Report:
    """A request of the tracker. origin: the header Origin; host: the header Host; cookies: those of this site.
    Headers answer to ``get`` whatever the case of the name.
    """

    told: Told
    origin: str
    host: str
    remote_address: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """view: what to record, None for nothing. keep: the id that the browser may keep, "" for none; forget: it has
    one that it may not. asks: with the visitor's consent it could keep one.
    """

    view: PageView | None = None
    keep: str = ""
    forget: bool = False
    asks: bool = False


@dataclass(frozen=True)
class _Asking:
    remote_address: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]


def hear(report: Report, policy: Policy, entropy: Entropy) -> Outcome:
    """Return what is kept of ``report``: nothing of robots, colleagues and who opted out.

    Raises Refused if no page of these websites can have told it.
    """
    url = _page_url(report, policy)
    visit = visit_of(_asking(report), policy, entropy)
    if not policy.enabled or not _is_person(report, visit, policy):
        return Outcome()
    view = PageView(
        name=entropy.click_name,
        visitor_id=visit.visitor_id,
        at=entropy.now,
        url=url,
        title=crop(report.told.title, MAX_TEXT),
        referrer=clean(report.told.referrer),
        ip_address=visit.kept_address,
        user_agent=visit.user_agent,
        consent=visit.consent,
    )
    return _outcome(view, had=VISITOR_COOKIE in cookies_of(report))


def _outcome(view: PageView, *, had: bool) -> Outcome:
    return Outcome(
        view,
        keep=view.visitor_id if view.consent.allows_cookie else "",
        forget=had and view.consent is Consent.DENIED,
        asks=view.consent is Consent.UNKNOWN,
    )


def cookies_of(report: Report) -> Mapping[str, str]:
    """Return the cookies that hold for ``report``: what the page says comes first, but a no anywhere is a no.

    Elsewhere it is all there is. On this site the page can't read the visitor's cookie, and has an id only if a
    link has just handed it over.
    """
    told = {VISITOR_COOKIE: report.told.visitor, CONSENT_COOKIE: report.told.consent}
    found = {**report.cookies, **{name: value for name, value in told.items() if value}}
    if report.cookies.get(CONSENT_COOKIE) == "denied":
        found[CONSENT_COOKIE] = "denied"
    return found


def is_own(report: Report) -> bool:
    """Say whether the page lies on this site, under the same host."""
    return bool(report.host) and report.origin.lower().partition("://")[2] == report.host.lower()


def _asking(report: Report) -> _Asking:
    said = {"DNT": "1"} if report.told.says_no else {}
    return _Asking(report.remote_address, ChainMap(said, report.headers), cookies_of(report))


def _page_url(report: Report, policy: Policy) -> str:
    """Return the page's address as it is kept, or raise Refused."""
    host = host_of(report.origin)
    if not host or not (is_own(report) or is_website(host, policy.websites)):
        raise Refused("page_origin", origin=crop(report.origin, MAX_TEXT) or "?")
    url = clean(report.told.url)
    if not url.startswith(("https://", "http://")) or host_of(url) != host:
        raise Refused("page_url", url=crop(report.told.url, MAX_TEXT) or "?", host=host)
    return url


def _is_person(report: Report, visit: Visit, policy: Policy) -> bool:
    prefetch = clicks.prefetch_reason(report.headers)
    ruling = clicks.judge_request(prefetch=prefetch, opted_out=visit.opted_out, internal=visit.is_internal)
    agent = visit.user_agent
    if ruling or not agent or clients.robot(agent):
        return False
    return not rules.own_pattern(agent, policy.bot_user_agents)


# ---------------------------------------------------------------- addresses


def clean(url: str) -> str:
    """Return what is kept of an address that a browser tells: where it is, and the campaign in its query.

    Everything else in a query, behind # or before @ may be a secret, such as the key in a link that sets a new
    password, or names somebody. "" for what is no address of a page. Never raises.
    """
    try:
        parts = urlsplit(crop(url, MAX_TOLD))
        host, port = host_of(url), parts.port
    except ValueError:
        return ""
    if not host or not _SCHEME.fullmatch(parts.scheme):
        return ""
    query = urlencode(_campaign_parameters(parts.query))
    place = f"{parts.scheme}://{host}{f':{port}' if port else ''}{quote(parts.path, safe=_PATH)}"
    # An address that is too long is cut in its path, not in its campaign.
    return f"{place[: MAX_URL - len(query) - 1]}?{query}" if query else place[:MAX_URL]


def _campaign_parameters(query: str) -> list[tuple[str, str]]:
    try:
        found = parse_qsl(query, max_num_fields=100)
    except ValueError:
        return []
    first: dict[str, str] = {}
    for name, value in found:
        if name in CAMPAIGN_PARAMETERS:
            first.setdefault(name, crop(value, MAX_TEXT))
    # Written with % a character takes up to twelve, and five long ones would leave no room for the page.
    return [(name, value) for name, value in first.items() if len(quote(value)) <= MAX_URL // 6]


def host_of(url: str) -> str:
    """Return the host name in an address in lower case, as browsers write it, or "". Never raises."""
    try:
        host = urlsplit(crop(url, MAX_TOLD)).hostname or ""
        host = host if host.isascii() else host.encode("idna").decode()
    except ValueError:
        return ""
    return host if len(host) <= MAX_TEXT and _HOST.fullmatch(host) else ""


def parse_websites(text: str) -> tuple[str, ...]:
    """Return the host names in ``text``, one a line; addresses of pages are taken, too. Raises Refused for others."""
    hosts: dict[str, None] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        host = host_of(line if "://" in line else f"//{line}")
        if not host:
            raise Refused("website", website=crop(line, MAX_TEXT))
        hosts[host] = None
    return tuple(hosts)


def is_website(host: str, websites: Collection[str]) -> bool:
    """Say whether ``host`` is one of ``websites`` or lies below one; nothing lies below a name without a dot."""
    return host in websites or any("." in name and host.endswith(f".{name}") for name in websites)
