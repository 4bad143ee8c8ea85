"""Destinations: which are allowed, how parameters get into them, which one a visitor is sent to."""

import hashlib
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from math import log
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from trackflow.domain.errors import Refused
from trackflow.domain.ip_ranges import parse_address
from trackflow.domain.links import Link, Variant

MAX_URL_LENGTH = 2048
VISITOR_PARAMETER = "tf_visitor"
SHORT_PREFIXES = ("/r/", "/t/")

# Whitespace and control characters end a header or a URL early, invisible and right-to-left ones deceive the
# reader, lone surrogates are no text, and browsers disagree about the backslash.
_UNSAFE = re.compile(
    r"[\x00-\x20\x7f-\xa0\xad\\\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff]"
)
_IPV6_NETLOC = re.compile(r"\[[0-9a-fA-F:.]+\](:\d*)?", re.ASCII)
_HOST = re.compile(r"(?!-)[^\s/?#@:\[\]%<>\"'^`{|}]{1,253}", re.UNICODE)


def check_destination(url: str, own_hosts: Iterable[str] = ()) -> str:
    """Return ``url`` without surrounding spaces, or raise Refused if visitors can't be sent there.

    Allowed is a full http or https URL with a host, without credentials, of at most 2048 characters, that
    is not itself a short link on one of ``own_hosts`` (host names without port).
    """
    url = (url or "").strip()
    if not url:
        raise Refused("destination_missing")
    if len(url) > MAX_URL_LENGTH:
        raise Refused("destination_too_long", length=len(url), longest=MAX_URL_LENGTH)
    if _UNSAFE.search(url):
        raise Refused("destination_unsafe", url=url[:80])
    _check_parts(url, {host.lower() for host in own_hosts})
    return url


def _check_parts(url: str, own_hosts: set[str]) -> None:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise Refused("destination_malformed", url=url[:80]) from None
    if parts.scheme.lower() not in ("http", "https") or not url[len(parts.scheme) :].startswith("://"):
        raise Refused("destination_scheme", url=url[:80])
    if "@" in parts.netloc:
        raise Refused("destination_credentials")
    if not _is_host(parts.netloc, host):
        raise Refused("destination_malformed", url=url[:80])
    if host.rstrip(".") in own_hosts and _real_path(parts.path).startswith(SHORT_PREFIXES):
        raise Refused("destination_self", host=host)


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


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _key(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def choose_variant(variants: Sequence[Variant], link: str, visitor_id: str) -> Variant | None:
    """Return the variant that ``visitor_id`` gets of ``link``, or None if all weights are 0.

    The choice is a hash of link and visitor, so it is sticky without being stored, and shares follow the
    weights. Rendezvous hashing (Thaler and Ravishankar, 1998) in its weighted form: score = weight / -ln(u)
    with u uniform in (0, 1) for each variant. Adding, removing or re-weighting one variant moves no visitor
    between the others.
    """
    eligible = [variant for variant in variants if variant.weight > 0]
    return max(eligible, key=lambda v: (_score(v, link, visitor_id), v.name), default=None)


def _score(variant: Variant, link: str, visitor_id: str) -> float:
    digest = hashlib.sha256(f"{link}\n{visitor_id}\n{variant.name}".encode("utf-8", "replace")).digest()
    uniform = (int.from_bytes(digest[:6], "big") + 0.5) / 2**48
    return variant.weight / -log(uniform)


def destination(link: Link, visitor_id: str, own_host: str, *, may_tell: bool) -> tuple[str, str]:
    """Return where a visitor of ``link`` goes, and the name of the variant ("" without variants).

    ``visitor_id`` is appended only where the link asks for it, the visitor may be known (``may_tell``) and
    the destination is on another host than ``own_host``: on our own the cookie is there already.
    """
    variant = choose_variant(link.variants, link.name, visitor_id)
    url = variant.target_url if variant else link.target_url
    if link.append_visitor_id and visitor_id and may_tell and urlsplit(url).hostname != own_host.lower():
        url = with_parameters(url, {VISITOR_PARAMETER: visitor_id})
    return url, variant.name if variant else ""
