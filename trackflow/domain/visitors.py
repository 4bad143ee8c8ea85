"""Visitor ids."""

import hashlib
import hmac
import re

_VISITOR_ID = re.compile(r"v_[0-9a-f]{32}", re.ASCII)


def new_visitor_id(random_bytes: bytes) -> str:
    """Return the id made of 16 random bytes: ``v_`` and 32 hex digits."""
    if len(random_bytes) != 16:
        raise ValueError("a visitor id needs 16 random bytes")
    return f"v_{random_bytes.hex()}"


def daily_visitor_id(salt: bytes, address: str, user_agent: str) -> str:
    """Return the id of a visitor without consent: the same one all day, unlinkable once the salt is gone."""
    message = f"{address}\n{user_agent}".encode("utf-8", "replace")
    return f"v_{hmac.new(salt, message, hashlib.sha256).hexdigest()[:32]}"


def valid_visitor_id(value: object) -> str | None:
    """Return ``value`` if it is a visitor id, else None: what a client sends is only ever a claim."""
    return value if isinstance(value, str) and _VISITOR_ID.fullmatch(value) else None
