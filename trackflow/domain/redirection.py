"""The whole decision on a request to a short link, from plain records to a plain answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trackflow.domain import clicks, ip_ranges, visitors
from trackflow.domain.clicks import Click, crop
from trackflow.domain.consent import Consent, Signals, decide
from trackflow.domain.destinations import destination
from trackflow.domain.links import Availability, Link, availability
from trackflow.domain.policy import Policy

VISITOR_COOKIE = "trackflow_visitor"
CONSENT_COOKIE = "trackflow_consent"
OPT_OUT_COOKIE = "trackflow_opt_out"


@dataclass(frozen=True)
class Request:
    """A request as a server hands it over. Headers answer to ``get`` whatever the case of the name."""

    method: str
    code: str
    url: str
    host: str
    remote_address: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]


@dataclass(frozen=True)
class Entropy:
    """What the decision needs from outside: the moment, and things that nobody can guess.

    now: naive site time. click_name: unique, later clicks sorting later. random_bytes: 16, for a new
    visitor. daily_salt: for visitors without consent.
    """

    now: datetime
    click_name: str
    random_bytes: bytes
    daily_salt: bytes


@dataclass(frozen=True)
class Answer:
    """status and location, or a page: "unknown" or the value of an Availability, "prefetch".

    set_visitor: id for the cookie, "" for none. click: what to record, None for nothing.
    """

    status: int
    location: str = ""
    page: str = ""
    set_visitor: str = ""
    click: Click | None = None


@dataclass(frozen=True)
class _Visit:
    """Who asks: worked out once and used for destination, click and cookie."""

    visitor_id: str
    consent: Consent
    opted_out: bool
    is_internal: bool
    kept_address: str
    user_agent: str = field(default="")


def answer(request: Request, link: Link | None, policy: Policy, entropy: Entropy) -> Answer:
    """Return what to say to ``request`` for ``link`` (None: there is no such code) and what to record."""
    if link is None:
        return Answer(404, page="unknown")
    state = availability(link, entropy.now)
    if state is not Availability.OPEN:
        return _closed(link, state)
    visit = _visit(request, policy, entropy)
    own_host, may_tell = request.host.partition(":")[0], visit.consent.allows_cookie
    location, variant = destination(link, visit.visitor_id, own_host, may_tell=may_tell)
    prefetch = clicks.prefetch_reason(request.headers)
    click = _click(request, link, entropy, visit, location, variant, prefetch)
    recorded = click if policy.enabled and request.method == "GET" else None
    if prefetch:
        return Answer(503, page="prefetch", click=recorded)
    cookie = visit.visitor_id if recorded and visit.consent.allows_cookie else ""
    return Answer(link.redirect_status, location, set_visitor=cookie, click=recorded)


def _closed(link: Link, state: Availability) -> Answer:
    if link.fallback_url:
        return Answer(302, link.fallback_url)
    return Answer(404 if state is Availability.NOT_STARTED else 410, page=state.value)


def _visit(request: Request, policy: Policy, entropy: Entropy) -> _Visit:
    address = ip_ranges.client_address(
        request.remote_address,
        request.headers.get("X-Forwarded-For"),
        ip_ranges.parse_ranges(policy.trusted_proxies),
    )
    consent = decide(
        signals(request.headers, request.cookies),
        required=policy.consent_required,
        honour_headers=policy.honour_privacy_headers,
    )
    user_agent = crop(request.headers.get("User-Agent"), clicks.MAX_USER_AGENT)
    opted_out = bool(request.cookies.get(OPT_OUT_COOKIE))
    anonymous = policy.anonymize or opted_out or not consent.allows_cookie
    kept = ip_ranges.anonymize(address) if anonymous else address
    return _Visit(
        visitor_id=_visitor_id(request, consent, opted_out, f"{address}", user_agent, entropy),
        consent=consent,
        opted_out=opted_out,
        is_internal=ip_ranges.contains(ip_ranges.parse_ranges(policy.internal_ranges), address),
        kept_address=str(kept or ""),
        user_agent=user_agent,
    )


def signals(headers: Mapping[str, str], cookies: Mapping[str, str]) -> Signals:
    """Return what a browser says about consent, with a click or with any other request."""
    return Signals(
        cookie=cookies.get(CONSENT_COOKIE),
        global_privacy_control=headers.get("Sec-GPC") == "1",
        do_not_track=headers.get("DNT") == "1",
    )


def _visitor_id(
    request: Request, consent: Consent, opted_out: bool, address: str, user_agent: str, entropy: Entropy
) -> str:
    if opted_out:
        return ""
    if not consent.allows_cookie:
        return visitors.daily_visitor_id(entropy.daily_salt, address, user_agent)
    claimed = visitors.valid_visitor_id(request.cookies.get(VISITOR_COOKIE))
    return claimed or visitors.new_visitor_id(entropy.random_bytes)


def _click(
    request: Request, link: Link, entropy: Entropy, visit: _Visit, location: str, variant: str, prefetch: str
) -> Click:
    return Click(
        name=entropy.click_name,
        link=link.name,
        code=link.code,
        at=entropy.now,
        campaign=link.campaign,
        visitor_id=visit.visitor_id,
        ip_address=visit.kept_address,
        user_agent=visit.user_agent,
        referrer=crop(request.headers.get("Referer"), clicks.MAX_URL),
        page_url=crop(request.url, clicks.MAX_URL),
        destination_url=crop(location, clicks.MAX_URL),
        variant=variant,
        language=crop(request.headers.get("Accept-Language"), clicks.MAX_LANGUAGE),
        consent=visit.consent,
        utm=link.utm,
        ruling=clicks.judge_request(prefetch=prefetch, opted_out=visit.opted_out, internal=visit.is_internal),
    )
