"""GET /r/<code>: the visitor's only stop.

Runs as a ``before_request`` hook, because answering there skips Frappe's website routing, which costs more
than everything done here. It raises a werkzeug exception that carries the finished response.
"""

from collections.abc import Mapping
from dataclasses import replace

import frappe
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from trackflow import click_queue, entropy, link_passwords, links, outages, pages, quotas, visitor_cookie
from trackflow.domain import short_codes
from trackflow.domain.destinations import SHORT_PREFIXES
from trackflow.domain.links import Availability, Link
from trackflow.domain.policy import Policy, ShortDomain
from trackflow.domain.redirection import Answer, Request, answer, closed
from trackflow.domain.visits import Entropy, client_address

# In a request's environment: the answer is ours, whatever its status.
ANSWERED = "trackflow.answered"
_HEADERS = {"Cache-Control": "no-store, private", "X-Robots-Tag": "noindex"}
_METHODS = ("GET", "HEAD", "POST")


def before_request() -> None:
    """Answer requests below /r/ and /t/, and for the bare address of a short domain; let all others pass."""
    path = frappe.request.path
    if path.startswith(SHORT_PREFIXES):
        frappe.request.environ[ANSWERED] = True
        response = respond(path)
        if frappe.request.method == "POST":
            _end_transaction()
        raise HTTPException(response=response)
    if path == "/" and frappe.request.method in ("GET", "HEAD"):
        _redirect_root()


def respond(path: str) -> Response:
    """Return the answer to the request for ``path``, which is below /r/ or /t/. Raises nothing: a visitor waits."""
    try:
        return _answer(path[len(SHORT_PREFIXES[0]) :])
    except Exception as error:
        if outages.is_outage(error):
            # Nobody can say whether there is such a link, or whether it still has a place.
            frappe.logger("trackflow").exception("A request to a short link could not be answered")
            return unavailable()
        outages.note("A request to a short link failed")
        return pages.failed(_HEADERS)


def unavailable() -> Response:
    """Return the answer for a time in which nothing can be said about any short link."""
    return pages.unavailable(_HEADERS)


def _end_transaction() -> None:
    """After a POST Frappe rolls back, and without MariaDB fails over it with the answer in hand."""
    try:
        frappe.db.rollback()
    except Exception:
        frappe.logger("trackflow").exception("MariaDB is away; there is nothing to roll back")
        frappe.local.db = None


def _answer(path: str) -> Response:
    if frappe.request.method not in _METHODS:
        return _not_allowed(ShortDomain())
    request = _request(path.removesuffix("+"), preview=path.endswith("+"))
    link, policy = _resolve(request.code)
    if request.method == "POST" and link and link.password_hash:
        given = frappe.request.form.get("password", "")
        tried = link_passwords.attempt(link, given, client_address(request, policy))
        request = replace(request, attempt=tried)
    chance = entropy.draw(policy, request.cookies)
    decided = _keep(request, link, answer(request, link, policy, chance), chance)
    return _response(request, decided, policy)


def _resolve(code: str) -> tuple[Link | None, Policy]:
    return links.resolve(code) if short_codes.is_well_formed(code) else (None, links.policy())


def _redirect_root() -> None:
    """A short domain's bare address may lead to a home page; every other host keeps its own."""
    try:
        domain = links.policy().domain_of(frappe.request.host)
    except Exception as error:
        if not outages.is_outage(error):
            raise
        frappe.logger("trackflow").exception("The domain of a request is not known")
        return
    if domain.root_redirect:
        response = Response("", 302, _headers(domain))
        response.headers["Location"] = domain.root_redirect
        raise HTTPException(response=response)


def _request(code: str, *, preview: bool) -> Request:
    request = frappe.request
    return Request(
        method=request.method,
        code=code,
        url=_url(),
        host=request.host,
        remote_address=request.remote_addr or "",
        headers=request.headers,
        cookies=request.cookies,
        preview=preview,
    )


def _url() -> str:
    """Return the URL as it was asked for. werkzeug's own takes a twentieth of the whole redirect."""
    request = frappe.request
    return f"{request.scheme}://{request.host}{request.environ.get('RAW_URI') or request.full_path}"


def _keep(request: Request, link: Link | None, decided: Answer, chance: Entropy) -> Answer:
    """Keep the click; return what is really said, because a limited link may just have been used up."""
    if decided.place:
        admitted = quotas.admit(link.name, decided.place, decided.click, chance.click_name, chance.now)
        return decided if admitted else closed(link, Availability.USED_UP, preview=request.preview)
    if decided.click:
        _record(decided)
    return decided


def _record(decided: Answer) -> None:
    try:
        click_queue.put(decided.click)
    except Exception:
        # The visitor goes on whatever happens to our books; what was lost stands in the log.
        outages.note(f"A click on {decided.click.code} could not be kept")


def _response(request: Request, decided: Answer, policy: Policy) -> Response:
    domain = policy.domain_of(request.host)
    if decided.status == 405:
        return _not_allowed(domain)
    if decided.page:
        return _page(decided, request, policy)
    response = Response("", decided.status, _headers(domain))
    response.headers["Location"] = decided.location
    if decided.set_visitor:
        visitor_cookie.keep(response, decided.set_visitor, policy.cookie_days)
    return response


def _page(decided: Answer, request: Request, policy: Policy) -> Response:
    domain = policy.domain_of(request.host)
    response = pages.render(decided, request, _headers(domain), domain.name)
    if decided.set_visitor:
        visitor_cookie.keep(response, decided.set_visitor, policy.cookie_days)
    return response


def _not_allowed(domain: ShortDomain) -> Response:
    response = Response("", 405, _headers(domain))
    response.headers["Allow"] = "GET, HEAD"
    return response


def _headers(domain: ShortDomain) -> Mapping[str, str] | Headers:
    """Return our headers with the domain's, which win; a name means the same in any case."""
    if not domain.headers:
        return _HEADERS
    headers = Headers(_HEADERS)
    for name, value in domain.headers:
        headers.set(name, value)
    return headers
