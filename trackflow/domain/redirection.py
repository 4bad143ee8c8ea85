"""The whole decision on a request to a short link, from plain records to a plain answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from trackflow.domain import clicks, rules
from trackflow.domain.clicks import Click, crop
from trackflow.domain.links import Availability, Link, availability, fallback
from trackflow.domain.policy import Policy, ShortDomain
from trackflow.domain.routing import Passenger, Route, route, with_macros
from trackflow.domain.targeting import Traits
from trackflow.domain.visits import Entropy, Visit, visit_of


class Attempt(Enum):
    """What came of the password that a request brought along."""

    NONE = "none"
    RIGHT = "right"
    WRONG = "wrong"
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class Request:
    """A request as a server hands it over. Headers answer to ``get`` whatever the case of the name.

    preview: the short URL ended in "+".
    """

    method: str
    code: str
    url: str
    host: str
    remote_address: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    preview: bool = False
    attempt: Attempt = Attempt.NONE


@dataclass(frozen=True)
class Place:
    """A question that only the books of a limited link can answer: is there a place left among ``limit``?

    visitor_id: of the person who takes it, "" for somebody who takes none (a robot, for example).
    """

    limit: int
    visitor_id: str


@dataclass(frozen=True)
class Answer:
    """status and location, or a page.

    page: "unknown", the value of an Availability, "prefetch", "password", "preview" or "app". set_visitor:
    id for the cookie, "" for none. click: what to record, None for nothing. place: holds only if there is one.
    attempt: what the page says about the password. shown: destination on the preview page, "" for a secret.
    app_url: what the page "app" opens, and web_url where it goes on to without the app.
    """

    status: int
    location: str = ""
    page: str = ""
    set_visitor: str = ""
    click: Click | None = None
    place: Place | None = None
    attempt: Attempt = Attempt.NONE
    shown: str = ""
    app_url: str = ""
    web_url: str = ""


def answer(request: Request, link: Link | None, policy: Policy, entropy: Entropy) -> Answer:
    """Return what to say to ``request`` for ``link`` (None: there is no such code) and what to record."""
    if link is None or (policy.case_sensitive_codes and link.code != request.code):
        return _unknown(policy.domain_of(request.host))
    state = availability(link, entropy.now)
    if state is not Availability.OPEN:
        return closed(link, state, preview=request.preview)
    if request.method == "POST" and (request.preview or not link.password_hash):
        return Answer(405)
    if request.preview:
        return _preview(request, link, policy, entropy)
    if link.password_hash and request.attempt is not Attempt.RIGHT:
        return _locked(request.attempt)
    return _open(request, link, policy, entropy)


def closed(link: Link, state: Availability, *, preview: bool = False) -> Answer:
    """Return what a visitor of ``link`` gets while it is not open. A preview leads nowhere by itself."""
    target = fallback(link, state)
    if target and not preview:
        # No click is recorded, so there is neither its id nor a visitor's.
        return Answer(302, with_macros(target, link, Passenger()))
    return Answer(404 if state is Availability.NOT_STARTED else 410, page=state.value)


def _unknown(domain: ShortDomain) -> Answer:
    if domain.not_found_redirect:
        return Answer(302, domain.not_found_redirect)
    return Answer(404, page="unknown")


def _locked(attempt: Attempt) -> Answer:
    status = {Attempt.NONE: 200, Attempt.WRONG: 403, Attempt.TOO_MANY: 429}[attempt]
    return Answer(status, page="password", attempt=attempt)


def _preview(request: Request, link: Link, policy: Policy, entropy: Entropy) -> Answer:
    place = Place(link.max_clicks, "") if link.max_clicks else None
    if link.password_hash:
        return Answer(200, page="preview", place=place)
    visit = visit_of(request, policy, entropy)
    passenger = Passenger(visit.visitor_id, own_host=request.host.partition(":")[0])
    taken = route(link, _traits(request, visit, entropy), passenger)
    return Answer(200, page="preview", place=place, shown=taken.url)


def _open(request: Request, link: Link, policy: Policy, entropy: Entropy) -> Answer:
    visit = visit_of(request, policy, entropy)
    if policy.domain_of(request.host).append_visitor_id:
        link = replace(link, append_visitor_id=True)
    records = policy.enabled and request.method != "HEAD"
    taken = route(link, _traits(request, visit, entropy), _passenger(request, visit, entropy, records))
    prefetch = clicks.prefetch_reason(request.headers)
    click = _click(request, link, entropy, visit, taken, prefetch)
    recorded = click if records else None
    if prefetch:
        return Answer(503, page="prefetch", click=recorded)
    cookie = visit.visitor_id if recorded and visit.consent.allows_cookie else ""
    go = {"set_visitor": cookie, "click": recorded, "place": _place(request, link, policy, click)}
    if taken.app_url:
        return Answer(200, page="app", app_url=taken.app_url, web_url=taken.url, **go)
    # A browser would send the password on to the destination after a 307 or 308.
    status = 303 if request.method == "POST" else link.redirect_status
    return Answer(status, taken.url, **go)


def _traits(request: Request, visit: Visit, entropy: Entropy) -> Traits:
    return Traits(
        now=entropy.now,
        user_agent=visit.user_agent,
        accept_language=request.headers.get("Accept-Language") or "",
        query=request.url.partition("?")[2],
        address=visit.address,
        country_of=entropy.country_of,
    )


def _passenger(request: Request, visit: Visit, entropy: Entropy, records: bool) -> Passenger:
    return Passenger(
        visitor_id=visit.visitor_id,
        told_id=visit.visitor_id if visit.consent.allows_cookie else "",
        click_id=entropy.click_name if records else "",
        own_host=request.host.partition(":")[0],
    )


def _place(request: Request, link: Link, policy: Policy, click: Click) -> Place | None:
    """Only a person's click takes a place, as far as a single request can tell."""
    if not link.max_clicks:
        return None
    (ruled,) = rules.apply([click], rules.Rules(policy.bot_user_agents))
    is_human = clicks.judge(ruled, None).verdict is clicks.Verdict.HUMAN
    return Place(link.max_clicks, click.visitor_id if is_human and request.method != "HEAD" else "")


def _click(
    request: Request, link: Link, entropy: Entropy, visit: Visit, taken: Route, prefetch: str
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
        destination_url=crop(taken.app_url or taken.url, clicks.MAX_URL),
        variant=taken.variant,
        rule=taken.rule,
        language=crop(request.headers.get("Accept-Language"), clicks.MAX_LANGUAGE),
        consent=visit.consent,
        utm=link.utm,
        ruling=clicks.judge_request(prefetch=prefetch, opted_out=visit.opted_out, internal=visit.is_internal),
    )
