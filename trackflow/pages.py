"""The pages that visitors see where a short link does not redirect.

They load nothing from elsewhere and run no script but the one that tries an app; their policy (CSP) holds
browsers to it.
"""

import base64
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import frappe
from frappe import _
from frappe.sessions import get_csrf_token
from frappe.translate import get_language
from jinja2 import Environment, FileSystemLoader
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from trackflow import link_passwords
from trackflow.domain.destinations import SHORT_PREFIXES
from trackflow.domain.redirection import Answer, Attempt, Request
from trackflow.domain.short_domains import check_css

RETRY_SECONDS = 30
# No form-action: Chromium applies it to the redirect after the form as well, which leads anywhere.
_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none';"
    " frame-ancestors 'none'"
)
_PAGE_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
}
_TEMPLATES = Path(__file__).parent / "templates" / "short_links"
_RIGHT_TO_LEFT = ("ar", "dv", "fa", "he", "ps", "ur", "yi")


def render(decided: Answer, request: Request, headers: Mapping[str, str] | Headers, domain: str) -> Response:
    """Return the page that ``decided`` names, with ``headers`` on it, in the colours of a short domain ("": of none)."""
    # Frappe 15 chooses before it knows that the visitor is a guest, and takes the site's language. While MariaDB is
    # away, that has to do.
    with suppress(Exception):
        frappe.local.lang = get_language()
    _choose_language()
    title, text = _sentences(decided.page)
    details = {"password": _password, "preview": _preview, "app": _app}.get(decided.page, _nothing)(
        decided, request
    )
    template = decided.page if decided.page in ("password", "preview", "app") else "message"
    body = _draw(template, _custom_css(domain), title=title, text=text, **details)
    response = Response(body, decided.status, headers)
    response.headers.update(_PAGE_HEADERS)
    if decided.page == "app":
        response.headers["Content-Security-Policy"] = f"{_CSP}; script-src '{_script_hash()}'"
    if decided.status == 429:
        response.headers["Retry-After"] = str(int(link_passwords.WINDOW.total_seconds()))
    return response


def unavailable(headers: Mapping[str, str]) -> Response:
    """Return the page for a moment in which nothing can be looked up. It needs neither MariaDB nor Redis."""
    return _apology("unavailable", 503, {**headers, "Retry-After": str(RETRY_SECONDS)})


def failed(headers: Mapping[str, str]) -> Response:
    """Return the page for an error of ours. It needs neither MariaDB nor Redis either."""
    return _apology("failed", 500, headers)


def _apology(page: str, status: int, headers: Mapping[str, str]) -> Response:
    _choose_language()
    title, text = _sentences(page)
    return Response(_draw("message", "", title=title, text=text), status, {**headers, **_PAGE_HEADERS})


def _choose_language() -> None:
    """Take English where nobody has translated the pages: some words are Frappe's own and would be mixed in."""
    if _("Link not found") == "Link not found":
        frappe.local.lang = "en"


def _draw(template: str, css: str, **context: object) -> str:
    language = frappe.local.lang or "en"
    direction = "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
    page = _environment().get_template(f"{template}.html")
    return page.render(_=_, lang=language, dir=direction, css=css, **context)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


def _custom_css(domain: str) -> str:
    """A page must come up whatever is the matter with its colours."""
    if not domain:
        return ""
    try:
        # Checked when it was saved; an import may have gone round that.
        return check_css(frappe.get_cached_value("Domain Configuration", domain, "custom_css"))
    except Exception:
        frappe.logger("trackflow").exception(f"The custom CSS of {domain} can't be used")
        return ""


def _nothing(_decided: Answer, _request: Request) -> dict[str, str]:
    return {}


def _password(decided: Answer, _request: Request) -> dict[str, object]:
    errors = {
        Attempt.WRONG: _("This is not the right password. Please try again."),
        Attempt.TOO_MANY: _("Too many wrong passwords. Please wait ten minutes and try again."),
    }
    return {
        "error": errors.get(decided.attempt, ""),
        "csrf_token": _csrf_token(),
        "longest": link_passwords.MAX_LENGTH,
    }


def _csrf_token() -> str:
    """Frappe lets no logged-in user post without it. For the page itself it is of no use: no session is involved."""
    if frappe.session.user in (None, "", "Guest"):
        return ""
    return get_csrf_token()


def _preview(decided: Answer, request: Request) -> dict[str, str]:
    query = urlsplit(request.url).query
    return {
        "destination": decided.shown,
        "host": urlsplit(decided.shown).netloc,
        "continue_url": f"{SHORT_PREFIXES[0]}{request.code}" + (f"?{query}" if query else ""),
    }


def _app(decided: Answer, _request: Request) -> dict[str, str]:
    return {"app_url": decided.app_url, "web_url": decided.web_url, "script": _app_script()}


@lru_cache(maxsize=1)
def _app_script() -> str:
    return (_TEMPLATES / "app.js").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _script_hash() -> str:
    """Browsers run this one script and no other, whatever a template or a custom CSS lets in."""
    return f"sha256-{base64.b64encode(hashlib.sha256(_app_script().encode()).digest()).decode()}"


def _sentences(page: str) -> tuple[str, str]:
    return {
        "unknown": (
            _("Link not found"),
            _("There is no link at this address. Please check how it is spelled."),
        ),
        "paused": (_("Link paused"), _("This link is taking a break. Please try again later.")),
        "archived": (_("Link closed"), _("This link is no longer in use.")),
        "expired": (_("Link expired"), _("This link was valid for a limited time, which is over.")),
        "used_up": (_("Link used up"), _("This link was for a limited number of visits, which is reached.")),
        "not_started": (_("Not yet"), _("This link is not active yet. Please come back later.")),
        "prefetch": (_("Not prefetched"), _("This link is opened when somebody clicks it.")),
        "password": (_("Password needed"), _("Whoever gave you this link can tell you the password.")),
        "preview": (_("Where this link leads"), _("This short link leads to the following address.")),
        "app": (_("Opening the app"), _("If nothing happens, choose how to go on.")),
        "unavailable": (
            _("Please try again"),
            _("This link can't be looked up right now. Please try again shortly."),
        ),
        "failed": (
            _("Something went wrong"),
            _("This link could not be opened, because of an error on our side. It has been noted."),
        ),
    }[page]
