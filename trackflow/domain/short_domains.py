"""Short domains: which headers, styles and settings they may have."""

import re
from collections.abc import Iterable, Mapping

from trackflow.domain.errors import Refused

MAX_HEADER_VALUE = 1000
MAX_CSS = 20_000
SETTINGS = ("append_visitor_id",)

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
_VALUE = re.compile(r"[\x20-\x7e]*", re.ASCII)
# What the server or the redirect says itself: of one connection, about the body, the way on, the cookie, and what
# keeps browsers from remembering a redirect so that its next click would be missed.
# fmt: off
_OWN = frozenset({
    "age", "allow", "cache-control", "clear-site-data", "connection", "content-encoding", "content-length",
    "content-location", "content-range", "content-security-policy", "content-type", "date", "etag", "expires",
    "host", "keep-alive", "last-modified", "location", "pragma", "proxy-authenticate", "proxy-authorization",
    "refresh", "retry-after", "server", "set-cookie", "set-cookie2", "te", "trailer", "transfer-encoding",
    "upgrade", "www-authenticate",
})
# fmt: on


def check_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return name and value of each header without surrounding spaces, or raise Refused."""
    checked: dict[str, tuple[str, str]] = {}
    for name, value in headers:
        name, value = (name or "").strip(), (value or "").strip(" \t")
        if not _TOKEN.fullmatch(name):
            raise Refused("header_name", name=name[:80])
        if name.lower() in _OWN:
            raise Refused("header_own", name=name)
        if name.lower() in checked:
            raise Refused("header_twice", name=name)
        if not value or len(value) > MAX_HEADER_VALUE or not _VALUE.fullmatch(value):
            raise Refused("header_value", name=name, longest=MAX_HEADER_VALUE)
        checked[name.lower()] = (name, value)
    return tuple(checked.values())


def check_css(css: str) -> str:
    """Return ``css``, or raise Refused if it could end its style element or load something from elsewhere."""
    css = css or ""
    if len(css) > MAX_CSS:
        raise Refused("css_too_long", longest=MAX_CSS)
    # "</style" ends the element, "<!--" changes how what follows is read; a lone "<" is good in media queries.
    if re.search(r"<\s*[/!?a-z]", css, re.IGNORECASE):
        raise Refused("css_markup")
    if "@import" in css.lower():
        raise Refused("css_import")
    return css


def check_settings(settings: object) -> Mapping[str, bool]:
    """Return the tracking settings of a domain, or raise Refused. The one there is: append_visitor_id."""
    if not isinstance(settings, dict) or set(settings) - set(SETTINGS):
        raise Refused("domain_settings", names=", ".join(SETTINGS))
    if any(not isinstance(value, bool) for value in settings.values()):
        raise Refused("domain_settings", names=", ".join(SETTINGS))
    return settings
