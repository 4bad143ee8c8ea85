"""What a site has decided about tracking: TrackFlow Settings as a plain record."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Ranges are texts of addresses and CIDR ranges, as ``ip_ranges.parse_ranges`` takes them.

    time_zone: of the site, as in "Europe/Berlin"; honour_privacy_headers: GPC and DNT count as a no.
    """

    enabled: bool = True
    internal_ranges: str = ""
    trusted_proxies: str = ""
    anonymize: bool = False
    consent_required: bool = False
    honour_privacy_headers: bool = False
    cookie_days: int = 365
    time_zone: str = "UTC"
