"""What a site has decided about tracking: TrackFlow Settings as a plain record."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ShortDomain:
    """What holds for requests to one short domain; ``name`` is the Domain Configuration's, "" for no domain.

    headers: name and value of each header on its answers. root_redirect and not_found_redirect: where its
    bare address and its unknown codes lead, "" for nowhere. append_visitor_id: for all links under it.
    """

    name: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    root_redirect: str = ""
    not_found_redirect: str = ""
    append_visitor_id: bool = False


_NO_DOMAIN = ShortDomain()


@dataclass(frozen=True)
class Policy:
    """Ranges are texts of addresses and CIDR ranges, as ``ip_ranges.parse_ranges`` takes them.

    geoip_database: path of a country database, "" for none. time_zone: of the site, as in "Europe/Berlin"; honour_privacy_headers: GPC and DNT count as a no.
    bot_user_agents: as ``rules.Rules`` has them. case_sensitive_codes: /r/ABC does not open the link abc. domains: by host, as ``domain_of`` finds them.
    websites: host names of pages that may tell of themselves.
    """

    enabled: bool = True
    internal_ranges: str = ""
    trusted_proxies: str = ""
    anonymize: bool = False
    consent_required: bool = False
    honour_privacy_headers: bool = False
    cookie_days: int = 365
    time_zone: str = "UTC"
    geoip_database: str = ""
    case_sensitive_codes: bool = False
    domains: Mapping[str, ShortDomain] = field(default_factory=dict)
    bot_user_agents: tuple[str, ...] = ()
    websites: tuple[str, ...] = ()

    def domain_of(self, host: str) -> ShortDomain:
        """Return the domain that ``host`` (with or without port) is, or one that asks for nothing."""
        host = host.lower()
        return self.domains.get(host) or self.domains.get(host.partition(":")[0]) or _NO_DOMAIN
