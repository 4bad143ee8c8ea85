"""Destinations: which are allowed, and how parameters get into them."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, quote, unquote, unquote_plus, urlsplit

import idna

from trackflow.domain import macros
from trackflow.domain.errors import Refused
from trackflow.domain.ip_ranges import parse_address

MAX_URL_LENGTH = 2048
VISITOR_PARAMETER = "tf_visitor"
# What a short URL may carry for TrackFlow itself; it says nothing to the destination, or could be forged.
OWN_PARAMETERS = frozenset({VISITOR_PARAMETER})
SHORT_PREFIXES = ("/r/", "/t/")

# Whitespace and control characters end a header or a URL early, invisible and right-to-left ones deceive the
# reader, lone surrogates are no text, and browsers disagree about the backslash.
_UNSAFE = re.compile(
    r"[\x00-\x20\x7f-\xa0\xad\\\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff]"
)
_IPV6_NETLOC = re.compile(r"\[[0-9a-fA-F:.]+\](:\d*)?", re.ASCII)
_APP_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*(?=:)", re.ASCII | re.IGNORECASE)
# Schemes that run code or open what is not an app; plain http is what no app claims.
_NO_APP = frozenset(
    [
        "about",
        "blob",
        "chrome",
        "content",
        "data",
        "file",
        "filesystem",
        "ftp",
        "http",
        "jar",
        "javascript",
        "resource",
        "vbscript",
        "view-source",
    ]
)
_HOST = re.compile(r"(?!-)[^\s/?#@:\[\]%<>\"'^`{|}]{1,253}", re.UNICODE)


def check_destination(url: str, own_hosts: Iterable[str] = ()) -> str:
    """Return ``url`` without surrounding spaces, or raise Refused if visitors can't be sent there.

    Allowed is a full http or https URL with a host, without credentials, of at most 2048 characters, that
    is not itself a short link on one of ``own_hosts`` (host names without port).
    """
    url = _check_text(url)
    _check_parts(url, set(map(_same_host, own_hosts)))
    return url


def check_app_url(url: str, own_hosts: Iterable[str] = ()) -> str:
    """Return an address that opens an app without surrounding spaces, or raise Refused.

    Allowed is a scheme of the app's own (``myapp://product/1``) or an https address that the app has claimed
    (a universal link or app link), but neither a scheme that runs code nor one of our own short links.
    """
    url = _check_text(url)
    scheme = _APP_SCHEME.match(url)
    if scheme and scheme[0].lower() == "https":
        return check_destination(url, own_hosts)
    if not scheme or scheme[0].lower() in _NO_APP:
        raise Refused("app_scheme", url=url[:80])
    # intent://go.example/r/x opens a browser there, if it likes.
    parts = _split(url)
    _check_not_short(parts.hostname or "", parts.path, set(map(_same_host, own_hosts)))
    return url


def is_web_address(url: str) -> bool:
    """Say whether ``url``, checked before, is one that a redirect may name: any browser follows it."""
    return url[:8].lower().startswith(("http://", "https://"))


def _check_text(url: str) -> str:
    url = (url or "").strip()
    if not url:
        raise Refused("destination_missing")
    if len(url) > MAX_URL_LENGTH:
        raise Refused("destination_too_long", length=len(url), longest=MAX_URL_LENGTH)
    if _UNSAFE.search(url):
        raise Refused("destination_unsafe", url=url[:80])
    return url


def _check_parts(url: str, own_hosts: set[str]) -> None:
    parts = _split(url)
    host = parts.hostname or ""
    if parts.scheme.lower() not in ("http", "https") or not url[len(parts.scheme) :].startswith("://"):
        raise Refused("destination_scheme", url=url[:80])
    if "@" in parts.netloc:
        raise Refused("destination_credentials")
    if macros.found_in(parts.netloc):
        raise Refused("destination_macro_host", url=url[:80])
    if not _is_host(parts.netloc, host):
        raise Refused("destination_malformed", url=url[:80])
    _check_not_short(host, parts.path, own_hosts)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        # A port that is no number is found only when it is asked for.
        _port = parts.port
    except ValueError:
        raise Refused("destination_malformed", url=url[:80]) from None
    return parts


def _check_not_short(host: str, path: str, own_hosts: set[str]) -> None:
    if _same_host(host) in own_hosts and _may_be_short(path):
        raise Refused("destination_self", host=host)


def _same_host(host: str) -> str:
    """Return what all ways to write ``host`` have in common."""
    return (host if host.isascii() else _ascii_host(host)).rstrip(".").lower()


def _may_be_short(path: str) -> bool:
    """Say whether ``path`` leads to a short link, or could once its macros are filled in.

    A campaign may be called "r" or "..", and a visitor's id may be empty.
    """
    first = path.lstrip("/").partition("/")[0]
    ways = [macros.MACRO.sub(value, path) for value in ("", "r", "..")] if macros.found_in(path) else [path]
    return macros.found_in(first) or any(_real_path(way).startswith(SHORT_PREFIXES) for way in ways)


def _real_path(path: str) -> str:
    """Return what a server makes of ``path``: decoded, without dots and double slashes, ending in a slash."""
    return posixpath.normpath("/" + unquote(path).lstrip("/")) + "/"


def _is_host(netloc: str, host: str) -> bool:
    if "[" in netloc or "]" in netloc:
        return bool(_IPV6_NETLOC.fullmatch(netloc)) and getattr(parse_address(host), "version", 0) == 6
    return bool(_HOST.fullmatch(host)) and bool(host.strip(".")) and ".." not in host


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """Return ``url`` with ``parameters`` in its query: each once, encoded once, the fragment kept.

    A parameter that the URL has already is replaced; everything else in its query stays as it was typed,
    byte for byte, because decoding and encoding again changes what some servers read.
    """
    if not parameters:
        return url
    base, hash_sign, fragment = url.partition("#")
    path, _, query = base.partition("?")
    kept = [pair for pair in query.split("&") if _key(pair) not in parameters] if query else []
    added = [f"{_encoded(key)}={_encoded(str(value))}" for key, value in parameters.items()]
    return f"{path}?{'&'.join(kept + added)}{hash_sign}{fragment}"


def forward(url: str, query: str, *, visitor_wins: bool) -> str:
    """Return ``url`` with the parameters of ``query`` (of the short URL's request, as it came) added to it.

    A parameter that both have comes from one side only: from ``url``, or from the visitor if
    ``visitor_wins``. All values of a repeated parameter are kept, the same pair twice is added once. Pairs
    go on as the browser encoded them; what no browser sends unencoded is encoded.
    """
    pairs = _forwardable(query)
    if not pairs:
        return url
    base, hash_sign, fragment = url.partition("#")
    path, _, own_query = base.partition("?")
    own = own_query.split("&") if own_query else []
    if visitor_wins:
        named = {_key(pair) for pair in pairs}
        own = [pair for pair in own if not pair or _key(pair) not in named]
    else:
        named = {_key(pair) for pair in own if pair}
        pairs = [pair for pair in pairs if _key(pair) not in named]
    merged = own + pairs
    return f"{path}?{'&'.join(merged)}{hash_sign}{fragment}" if pairs else url


def _forwardable(query: str) -> list[str]:
    """Return the pairs of ``query`` that may go on, each once."""
    by_meaning: dict[tuple[str, str], str] = {}
    for pair in map(_as_sent, filter(None, query.split("&"))):
        key, _, value = pair.partition("=")
        if unquote_plus(key) not in OWN_PARAMETERS:
            by_meaning.setdefault((unquote_plus(key), unquote_plus(value)), pair)
    return list(by_meaning.values())


def _as_sent(pair: str) -> str:
    """Servers hand over bytes beyond ASCII as Latin-1; "#" would end the query, a quote ends an attribute."""
    try:
        raw = pair.encode("latin-1")
    except UnicodeEncodeError:
        raw = pair.encode("utf-8", "replace")
    return quote(raw, safe="%!$'()*+,-./:;=?@[]_~|^`{}")


def ascii_url(url: str) -> str:
    """Return ``url`` as the Location header takes it: what is ASCII stays byte for byte.

    Host names become punycode and other characters percent-encoded UTF-8, as browsers do it.
    """
    if url.isascii():
        return url
    if not is_web_address(url):
        return _ascii_text(url)
    scheme, _, rest = url.partition("://")
    end = re.search(r"[/?#]|$", rest).start()
    return f"{scheme}://{_ascii_host(rest[:end])}{_ascii_text(rest[end:])}"


def _ascii_host(netloc: str) -> str:
    """Return host and port in ASCII, names as https://www.unicode.org/reports/tr46/ has browsers do it.

    Python's own codec follows a rule of 2003 that makes another site of "stra\u00dfe.example".
    """
    host, colon, port = netloc.partition(":")
    try:
        labels = idna.uts46_remap(host, std3_rules=False, transitional=False).split(".")
    except idna.IDNAError:
        return _ascii_text(netloc)
    return ".".join(map(_ascii_label, labels)) + colon + port


def _ascii_label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def _ascii_text(text: str) -> str:
    return "".join(char if char.isascii() else quote(char, errors="replace") for char in text)


def _encoded(text: str) -> str:
    """Encode ``text`` but for its macros, which are encoded when they are filled in."""
    return macros.spare(text, macros.encoded)


def _key(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])
