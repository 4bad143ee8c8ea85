"""How often somebody did something lately, counted in Redis."""

from datetime import timedelta
from ipaddress import ip_network

import frappe

from trackflow.domain.ip_ranges import Address


def count(what: str, address: Address | None, window: timedelta) -> int:
    """Count one more, and return how many there were from ``address`` within ``window`` of the first one.

    Raises RedisError without Redis.
    """
    key = _key(what, address)
    with frappe.cache.pipeline() as pipe:
        pipe.set(key, 0, nx=True, ex=window)
        # Counted before anything is done, so that those who come all at once are no way around.
        pipe.incr(key)
        return pipe.execute()[1]


def forget(what: str, address: Address | None) -> None:
    """Begin to count anew."""
    frappe.cache.delete(_key(what, address))


def _key(what: str, address: Address | None) -> bytes:
    return frappe.cache.make_key(f"trackflow:{what}:{_who(address)}")


def _who(address: Address | None) -> str:
    """One household or one machine: whoever has one v6 address has a whole /64 of them."""
    if address is None or address.version == 4:
        return str(address)
    return str(ip_network((address, 64), strict=False))
