"""GET /r/<code>: the visitor's only stop.

Runs as a ``before_request`` hook, because answering there skips Frappe's website routing, which costs more
than everything done here. It raises a werkzeug exception that carries the finished response.
"""

import os
import secrets
import time
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import frappe
from frappe import _
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from trackflow import click_queue, links
from trackflow.domain import short_codes
from trackflow.domain.destinations import SHORT_PREFIXES
from trackflow.domain.policy import Policy
from trackflow.domain.redirection import VISITOR_COOKIE, Answer, Entropy, Request, answer

_HEADERS = {"Cache-Control": "no-store, private", "X-Robots-Tag": "noindex"}
_SALT_KEY = "trackflow:daily_salt"
_TEMPLATE = Path(__file__).parent / "templates" / "closed_link.html"


def before_request() -> None:
    """Answer requests below /r/ and /t/; let all others pass."""
    path = frappe.request.path
    if path.startswith(SHORT_PREFIXES):
        raise HTTPException(response=_respond(path[len(SHORT_PREFIXES[0]) :]))


def _respond(code: str) -> Response:
    if frappe.request.method not in ("GET", "HEAD"):
        return Response("", 405, {**_HEADERS, "Allow": "GET, HEAD"})
    link, policy = links.resolve(code) if short_codes.is_well_formed(code) else (None, Policy())
    decided = answer(_request(code), link, policy, _entropy(policy))
    _record(decided)
    response = _page(decided) if decided.page else Response("", decided.status, _HEADERS)
    if decided.location:
        response.headers["Location"] = decided.location
    if decided.set_visitor:
        _set_cookie(response, decided.set_visitor, policy.cookie_days)
    return response


def _request(code: str) -> Request:
    request = frappe.request
    return Request(
        method=request.method,
        code=code,
        url=_url(),
        host=request.host,
        remote_address=request.remote_addr or "",
        headers=request.headers,
        cookies=request.cookies,
    )


def _url() -> str:
    """Return the URL as it was asked for. werkzeug's own takes a twentieth of the whole redirect."""
    request = frappe.request
    return f"{request.scheme}://{request.host}{request.environ.get('RAW_URI') or request.full_path}"


def _entropy(policy: Policy) -> Entropy:
    return Entropy(
        now=datetime.now(_zone(policy.time_zone)).replace(tzinfo=None),
        # Microseconds first, so that names sort by time and new rows go to the end of every index.
        click_name=f"{time.time_ns() // 1000:014x}{secrets.token_hex(5)}",
        random_bytes=os.urandom(16),
        daily_salt=_daily_salt(policy),
    )


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _record(decided: Answer) -> None:
    if not decided.click:
        return
    try:
        click_queue.put(decided.click)
    except Exception:
        # The visitor goes on whatever happens to our books; what was lost stands in the log.
        frappe.logger("trackflow").exception(f"A click on {decided.click.code} could not be kept")


def _daily_salt(policy: Policy) -> bytes:
    """Return the salt for visitors without consent. It lives in Redis for a day and nowhere else."""
    if not (policy.consent_required or policy.honour_privacy_headers):
        return b""
    key, fresh = frappe.cache.make_key(_SALT_KEY), os.urandom(16)
    midnight = datetime.now(_zone(policy.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        frappe.cache.set(key, fresh, nx=True, exat=int((midnight + timedelta(days=1)).timestamp()))
        return frappe.cache.get(key) or fresh
    except RedisError:
        return fresh


def _set_cookie(response: Response, visitor_id: str, days: int) -> None:
    response.set_cookie(
        VISITOR_COOKIE,
        visitor_id,
        max_age=int(timedelta(days=days).total_seconds()),
        httponly=True,
        secure=frappe.request.is_secure,
        samesite="Lax",
    )


def _page(decided: Answer) -> Response:
    title, text = _sentences(decided.page)
    body = _template().replace("{title}", frappe.utils.escape_html(title))
    response = Response(body.replace("{text}", frappe.utils.escape_html(text)), decided.status, _HEADERS)
    response.content_type = "text/html; charset=utf-8"
    return response


@lru_cache(maxsize=1)
def _template() -> str:
    return _TEMPLATE.read_text(encoding="utf-8")


def _sentences(page: str) -> tuple[str, str]:
    return {
        "unknown": (
            _("Link not found"),
            _("There is no link at this address. Please check how it is spelled."),
        ),
        "paused": (_("Link paused"), _("This link is taking a break. Please try again later.")),
        "archived": (_("Link closed"), _("This link is no longer in use.")),
        "expired": (_("Link expired"), _("This link was valid for a limited time, which is over.")),
        "not_started": (_("Not yet"), _("This link is not active yet. Please come back later.")),
        "prefetch": (_("Not prefetched"), _("This link is opened when somebody clicks it.")),
    }[page]
