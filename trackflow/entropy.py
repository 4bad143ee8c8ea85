"""What the domain's decisions on a request need from outside: the moment, chance, and the salt of the day."""

import os
import secrets
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

import frappe
from redis.exceptions import RedisError

from trackflow import geoip
from trackflow.domain.policy import Policy
from trackflow.domain.visitors import SECRET_BYTES
from trackflow.domain.visits import CONSENT_COOKIE, Entropy

_SALT_KEY = "trackflow:daily_salt"


def draw(policy: Policy, cookies: Mapping[str, str]) -> Entropy:
    """Return what a request with ``cookies`` is answered with."""
    microseconds = time.time_ns() // 1000
    return Entropy(
        now=datetime.now(_zone(policy.time_zone)).replace(tzinfo=None),
        unix_ms=microseconds // 1000,
        # Microseconds first, so that names sort by time and new rows go to the end of every index.
        click_name=f"{microseconds:014x}{secrets.token_hex(5)}",
        random_bytes=os.urandom(SECRET_BYTES),
        daily_salt=_daily_salt(policy) if _may_need_salt(policy, cookies) else b"",
        country_of=partial(geoip.country, policy.geoip_database),
    )


def _may_need_salt(policy: Policy, cookies: Mapping[str, str]) -> bool:
    """Say whether the visitor might turn out to be one without consent; asking Redis takes its time."""
    return policy.consent_required or policy.honour_privacy_headers or CONSENT_COOKIE in cookies


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _daily_salt(policy: Policy) -> bytes:
    """Return the salt for visitors without consent. It lives in Redis for a day and nowhere else."""
    key, fresh = frappe.cache.make_key(_SALT_KEY), os.urandom(16)
    midnight = datetime.now(_zone(policy.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        frappe.cache.set(key, fresh, nx=True, exat=int((midnight + timedelta(days=1)).timestamp()))
        return frappe.cache.get(key) or fresh
    except RedisError:
        return fresh
