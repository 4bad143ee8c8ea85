"""Addresses: whose they are, and how much of them may be kept."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from trackflow.domain.errors import Refused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# 203.0.113.7:4711 and [2001:db8::1]:4711, as some proxies write them.
_WITH_PORT = re.compile(r"\[?([0-9.]+|[0-9a-fA-F:.]+(?=\]))\]?:\d+")
_MAPPED = ip_network("::ffff:0:0/96")


def parse_address(text: str | None) -> Address | None:
    """Return the address that ``text`` names, v4 in v6 clothing unwrapped, or None. Never raises."""
    text = (text or "").strip()
    with_port = _WITH_PORT.fullmatch(text)
    try:
        address = ip_address(with_port[1] if with_port else text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def parse_range(text: str) -> Network:
    """Return the network of ``10.0.0.0/8`` or of a single address; raise Refused for anything else."""
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        raise Refused("ip_range", text=text) from None
    if network.version == 6 and network.subnet_of(_MAPPED):
        # Addresses are unwrapped before they are compared, so ranges of wrapped ones must be too.
        return ip_network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96))
    return network


@lru_cache(maxsize=64)
def parse_ranges(text: str) -> tuple[Network, ...]:
    """Return the networks in ``text``, which separates them by commas, spaces or lines."""
    return tuple(parse_range(part) for part in re.split(r"[\s,;]+", text) if part)


def contains(ranges: Iterable[Network], address: Address | None) -> bool:
    return address is not None and any(address in network for network in ranges)


def client_address(
    remote: str | None, forwarded_for: str | None, trusted: Sequence[Network]
) -> Address | None:
    """Return the visitor's address.

    X-Forwarded-For is a list to which each proxy appends the peer it saw, so it is read from the right, and
    only for as long as the one who wrote an entry is a proxy that the site trusts. A visitor can put
    anything at its left end.
    """
    address = parse_address(remote)
    hops = (forwarded_for or "").split(",")
    while hops and contains(trusted, address):
        hop = parse_address(hops.pop())
        if hop is None:
            break
        address = hop
    return address


def anonymize(address: Address | None) -> Address | None:
    """Drop the last 8 bits of a v4 and the last 80 bits of a v6 address."""
    if address is None:
        return None
    dropped = 8 if address.version == 4 else 80
    return type(address)(int(address) >> dropped << dropped)
