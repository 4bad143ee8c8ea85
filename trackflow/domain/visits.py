"""Who asks: worked out the same way for a click and for what a page tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from trackflow.domain import clicks, ip_ranges, visitors
from trackflow.domain.clicks import crop
from trackflow.domain.consent import Consent, Signals, decide
from trackflow.domain.ip_ranges import Address
from trackflow.domain.policy import Policy
from trackflow.domain.targeting import country_unknown

VISITOR_COOKIE = "trackflow_visitor"
CONSENT_COOKIE = "trackflow_consent"
OPT_OUT_COOKIE = "trackflow_opt_out"


class Asking(Protocol):
    """What of a request says who asks. Headers answer to ``get`` whatever the case of the name."""

    remote_address: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]


@dataclass(frozen=True)
class Entropy:
    """What the decision needs from outside: the moment, and things that nobody can guess.

    now: naive site time. unix_ms: the same moment in milliseconds since 1970, UTC. click_name: unique, later ones
    sorting later; for what a page tells, the name of that. random_bytes: 10, for a new visitor. daily_salt: for
    visitors without consent. country_of: as in ``targeting.Traits``.
    """

    now: datetime
    unix_ms: int
    click_name: str
    random_bytes: bytes
    daily_salt: bytes
    country_of: Callable[[Address | None], str] = country_unknown


@dataclass(frozen=True)
class Visit:
    """Who asks: worked out once and used for destination, record and cookie."""

    visitor_id: str
    consent: Consent
    opted_out: bool
    is_internal: bool
    address: Address | None
    kept_address: str
    user_agent: str = field(default="")


def visit_of(request: Asking, policy: Policy, entropy: Entropy) -> Visit:
    """Return who asks, and what may be kept of that."""
    address = client_address(request, policy)
    consent = decide(
        signals(request.headers, request.cookies),
        required=policy.consent_required,
        honour_headers=policy.honour_privacy_headers,
    )
    user_agent = crop(request.headers.get("User-Agent"), clicks.MAX_USER_AGENT)
    opted_out = bool(request.cookies.get(OPT_OUT_COOKIE))
    anonymous = policy.anonymize or opted_out or not consent.allows_cookie
    kept = ip_ranges.anonymize(address) if anonymous else address
    return Visit(
        visitor_id=_visitor_id(request, consent, opted_out, f"{address}", user_agent, entropy),
        consent=consent,
        opted_out=opted_out,
        is_internal=ip_ranges.contains(ip_ranges.parse_ranges(policy.internal_ranges), address),
        address=address,
        kept_address=str(kept or ""),
        user_agent=user_agent,
    )


def client_address(request: Asking, policy: Policy) -> ip_ranges.Address | None:
    """Return the visitor's address, as far as it can be trusted."""
    return ip_ranges.client_address(
        request.remote_address,
        request.headers.get("X-Forwarded-For"),
        ip_ranges.parse_ranges(policy.trusted_proxies),
    )


def signals(headers: Mapping[str, str], cookies: Mapping[str, str]) -> Signals:
    """Return what a browser says about consent, with a click or with any other request."""
    return Signals(
        cookie=cookies.get(CONSENT_COOKIE),
        global_privacy_control=headers.get("Sec-GPC") == "1",
        do_not_track=headers.get("DNT") == "1",
    )


def _visitor_id(
    request: Asking, consent: Consent, opted_out: bool, address: str, user_agent: str, entropy: Entropy
) -> str:
    if opted_out:
        return ""
    if not consent.allows_cookie:
        return visitors.daily_visitor_id(entropy.now.date(), entropy.daily_salt, address, user_agent)
    claimed = visitors.valid_visitor_id(request.cookies.get(VISITOR_COOKIE))
    return claimed or visitors.new_visitor_id(entropy.unix_ms, entropy.random_bytes)
