"""Where a click is sent: the app, a targeting rule's destination, a variant's, or the link's own.

In this order: on a phone with iOS or Android the link's app address; the first targeting rule that holds;
the visitor's variant; the target URL. Then macros are filled in, the visitor's own parameters forwarded
and the visitor's id appended, where the link asks for it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from urllib.parse import urlsplit

from trackflow.domain import macros
from trackflow.domain.destinations import VISITOR_PARAMETER, forward, is_web_address, with_parameters
from trackflow.domain.links import Link, Variant
from trackflow.domain.targeting import Traits, first_match


@dataclass(frozen=True)
class Passenger:
    """Who is sent, and what may be told of them.

    visitor_id: decides which variant. told_id: the same where a destination may be told, else "". click_id:
    "" where the click is not recorded. own_host: the host of the short URL, without port.
    """

    visitor_id: str = ""
    told_id: str = ""
    click_id: str = ""
    own_host: str = ""


@dataclass(frozen=True)
class Route:
    """A destination and why: the names of the rule or the variant that chose it, "" where none did.

    app_url: an app's own address that is to be tried before ``url``, "" for none.
    """

    url: str
    variant: str = ""
    rule: str = ""
    app_url: str = ""


def route(link: Link, traits: Traits, passenger: Passenger) -> Route:
    """Return where a visitor of ``link`` goes."""
    app_url = _app_url(link, traits)
    if app_url:
        app_url = _finished(app_url, link, traits, passenger)
        if is_web_address(app_url):
            return Route(app_url)
    chosen = _web_route(link, traits, passenger)
    url = _finished(chosen.url, link, traits, passenger)
    if link.append_visitor_id and passenger.told_id and urlsplit(url).hostname != passenger.own_host.lower():
        # On our own host the cookie is there already.
        url = with_parameters(url, {VISITOR_PARAMETER: passenger.told_id})
    return Route(url, chosen.variant, chosen.rule, app_url)


def _app_url(link: Link, traits: Traits) -> str:
    if not (link.ios_url or link.android_url) or traits.client.device_type == "Bot":
        return ""
    return {"iOS": link.ios_url, "Android": link.android_url}.get(traits.client.os, "")


def _web_route(link: Link, traits: Traits, passenger: Passenger) -> Route:
    rule = first_match(link.rules, traits) if link.rules else None
    if rule:
        return Route(rule.target_url, rule=rule.name)
    variant = choose_variant(link.variants, link.name, passenger.visitor_id) if link.variants else None
    return Route(variant.target_url, variant=variant.name) if variant else Route(link.target_url)


def _finished(url: str, link: Link, traits: Traits, passenger: Passenger) -> str:
    """Macros come first: what a visitor sends must not be taken for one."""
    url = with_macros(url, link, passenger)
    if link.forward_query and traits.query:
        url = forward(url, traits.query, visitor_wins=link.visitor_wins)
    return url


def with_macros(url: str, link: Link, passenger: Passenger) -> str:
    """Return an address of ``link`` with its macros filled in."""
    if not link.has_macros:
        return url
    values = {
        "click_id": passenger.click_id,
        "visitor_id": passenger.told_id,
        "campaign": link.utm.campaign,
        "code": link.code,
    }
    return macros.fill(url, values)


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
