"""Page views as the tracker (``public/js/tracker.js``) tells of them, and where the tracker is to be had."""

import json
from datetime import timedelta

import frappe
from redis.exceptions import RedisError
from werkzeug.wrappers import Response

import trackflow
from trackflow import (
    entropy,
    event_queue,
    identity,
    links,
    messages,
    settings,
    short_urls,
    throttles,
    visitor_cookie,
)
from trackflow.domain import tracker
from trackflow.domain.errors import Refused
from trackflow.domain.policy import Policy
from trackflow.domain.tracker import Outcome, Report, Told
from trackflow.domain.visits import client_address

SCRIPT = "/assets/trackflow/js/tracker.js"
# An office of some hundred people behind one address stays below it.
MAX_PER_MINUTE = 600
MINUTE = timedelta(minutes=1)
_STATUS = {"page_origin": 403, "page_url": 400}
_REFUSED_KEY = "trackflow:refused_page"
_REFUSED_FOR = timedelta(days=1)


def receive(told: Told) -> Response:
    """Keep the page view that this request tells of, if it is to be kept, and return the answer.

    204, or 200 with what the page may keep (see ``_answer``); 400, 403 or 429 with the reason as text.
    """
    report, policy = _report(told), links.policy()
    if _is_too_much(report, policy):
        text = frappe._("There were too many page views from this address. Try again in a minute.")
        return _response(report, policy, 429, text, {"Retry-After": "60"})
    try:
        outcome = tracker.hear(report, policy, entropy.draw(policy, tracker.cookies_of(report)))
    except Refused as refused:
        _note_refused(refused)
        return _response(report, policy, _STATUS[refused.reason], messages.plain(refused))
    # Colleagues who look at their own pages are no visitors.
    if outcome.view is None or identity.is_staff():
        return _response(report, policy, 204)
    event_queue.put(outcome.view)
    return _answer(report, policy, outcome)


def _report(told: Told) -> Report:
    request = frappe.request
    return Report(
        told=told,
        origin=request.headers.get("Origin") or "",
        host=request.host,
        remote_address=request.remote_addr or "",
        headers=request.headers,
        cookies=request.cookies,
    )


def _is_too_much(report: Report, policy: Policy) -> bool:
    try:
        return throttles.count("page_views", client_address(report, policy), MINUTE) > MAX_PER_MINUTE
    except RedisError:
        # Views that can't be counted do no harm; a visitor's page is no place to say that Redis is away.
        frappe.logger("trackflow").warning("Redis does not count page views")
        return False


def _answer(report: Report, policy: Policy, outcome: Outcome) -> Response:
    """On this site the id goes into the cookie that no script can read; elsewhere the page is told ``visitor`` ("": it
    shall forget the one it has) and for how many ``days``. ``asks``: it is kept once the visitor agrees.
    """
    said: dict[str, str | int | bool] = {"asks": True} if outcome.asks else {}
    if not tracker.is_own(report) and (outcome.keep or outcome.forget):
        said |= {"visitor": outcome.keep, "days": policy.cookie_days}
    response = _response(report, policy, 200 if said else 204, json.dumps(said) if said else "")
    if said:
        response.content_type = "application/json"
    if tracker.is_own(report) and outcome.keep:
        visitor_cookie.keep(response, outcome.keep, policy.cookie_days)
    elif tracker.is_own(report) and outcome.forget:
        visitor_cookie.forget(response)
    return response


def _response(
    report: Report, policy: Policy, status: int, text: str = "", headers: dict[str, str] | None = None
) -> Response:
    response = Response(text, status, {"Cache-Control": "no-store", "Vary": "Origin", **(headers or {})})
    is_website = tracker.is_website(tracker.host_of(report.origin), policy.websites)
    # Twice the same header is none, to a browser.
    if is_website and not tracker.is_own(report) and not _frappe_allows(report.origin):
        response.headers["Access-Control-Allow-Origin"] = report.origin
    return response


def _frappe_allows(origin: str) -> bool:
    """Say whether Frappe lets pages of ``origin`` read the answer, because the site's configuration says so."""
    allowed = frappe.conf.allow_cors
    return bool(allowed) and (
        allowed == "*" or origin in (allowed if isinstance(allowed, list) else [allowed])
    )


# ---------------------------------------------------------------- setting it up


def script_url() -> str:
    """Return the tracker's address for pages elsewhere. Browsers may keep it for long, so it names the version."""
    return f"{short_urls.base_url()}{_script()}"


def include_in_pages(context: "frappe._dict") -> dict[str, list[str]]:
    """Return what pages of this site load besides what they load already: the tracker, if the settings say so."""
    if not settings.tracks_own_pages():
        return {}
    return {"web_include_js": [*(context.get("web_include_js") or []), _script()]}


def last_refused() -> dict[str, str] | None:
    """Return which website was turned away last, ``{"origin", "at"}`` (site time), within a day; None for none."""
    try:
        found = frappe.cache.get(frappe.cache.make_key(_REFUSED_KEY))
    except RedisError:
        return None
    return json.loads(found) if found else None


def _note_refused(refused: Refused) -> None:
    """Remember who was turned away: whoever puts the tracker into a page sees nothing of it there."""
    if refused.reason != "page_origin":
        return
    noted = json.dumps({"origin": refused.details["origin"], "at": frappe.utils.now()})
    try:
        frappe.cache.set(frappe.cache.make_key(_REFUSED_KEY), noted, ex=_REFUSED_FOR)
    except RedisError:
        frappe.logger("trackflow").warning(f"Redis does not note that {noted} was turned away")


def _script() -> str:
    return f"{SCRIPT}?v={trackflow.__version__}"
