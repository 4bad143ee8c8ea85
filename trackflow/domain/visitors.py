"""Visitor ids: ``v_`` and 32 hex digits, a time and 80 bits that nobody can guess.

The time comes first, as in UUID version 7 (RFC 9562, 5.7): milliseconds since 1970 in 48 bits. So new visitors go to
the end of each table and index that holds them, and those of the same days lie together.
"""

import hashlib
import hmac
import re
from datetime import date

SECRET_BYTES = 10
_VISITOR_ID = re.compile(r"v_[0-9a-f]{32}", re.ASCII)
_FIRST_DAY = date(1970, 1, 1)
_DAY_MS = 24 * 60 * 60 * 1000


def new_visitor_id(unix_ms: int, random_bytes: bytes) -> str:
    """Return the id of a visitor who comes at ``unix_ms`` (since 1970, UTC), with 10 random bytes."""
    if len(random_bytes) != SECRET_BYTES:
        raise ValueError("a visitor id needs 10 random bytes")
    return _visitor_id(unix_ms, random_bytes)


def daily_visitor_id(day: date, salt: bytes, address: str, user_agent: str) -> str:
    """Return the id of a visitor without consent: the same one all ``day``, unlinkable once the salt is gone.

    Its time is the beginning of ``day`` whenever the visitor comes.
    """
    message = f"{address}\n{user_agent}".encode("utf-8", "replace")
    digest = hmac.new(salt, message, hashlib.sha256).digest()
    return _visitor_id((day - _FIRST_DAY).days * _DAY_MS, digest[:SECRET_BYTES])


def _visitor_id(unix_ms: int, secret: bytes) -> str:
    return f"v_{unix_ms.to_bytes(6, 'big').hex()}{secret.hex()}"


def valid_visitor_id(value: object) -> str | None:
    """Return ``value`` if it is a visitor id, else None: what a client sends is only ever a claim."""
    return value if isinstance(value, str) and _VISITOR_ID.fullmatch(value) else None
