"""Passwords of links: kept as hashes beside those of Frappe's users, checked with a limit on wrong tries.

The hash stands in Frappe's table of secrets, which no form and no API shows, and in the redirect's cache. The
password itself is written nowhere.
"""

from datetime import timedelta

import frappe
from frappe.utils.password import passlibctx, remove_encrypted_password, update_password
from passlib.exc import UnknownHashError

from trackflow import throttles
from trackflow.domain.ip_ranges import Address
from trackflow.domain.links import Link
from trackflow.domain.redirection import Attempt

MAX_LENGTH = 128
MAX_WRONG_TRIES = 10
WINDOW = timedelta(minutes=10)
_KEPT_AS = ("Tracked Link", "password")
# A link that should have a password and has none stays closed: nothing verifies against this.
NO_HASH = "none"


def keep(link: str, password: str) -> None:
    """Keep the hash of ``password`` for the link of that name, in the place of an older one."""
    update_password(link, password, *_KEPT_AS)


def copy(link: str, target: str) -> None:
    """Let the link with the name ``target`` ask for the same password as ``link``."""
    kept, secrets = hash_of(link), frappe.qb.Table("__Auth")
    if kept == NO_HASH:
        return
    columns = ("doctype", "name", "fieldname", "password", "encrypted")
    doctype, fieldname = _KEPT_AS
    frappe.qb.into(secrets).columns(*columns).insert(doctype, target, fieldname, kept, 0).run()


def forget(link: str) -> None:
    remove_encrypted_password(_KEPT_AS[0], link, _KEPT_AS[1])


def hash_of(link: str) -> str:
    """Return the hash that is kept for a link, NO_HASH if there is none."""
    doctype, fieldname = _KEPT_AS
    secrets = frappe.qb.Table("__Auth")
    query = frappe.qb.from_(secrets).select(secrets.password)
    query = query.where((secrets.doctype == doctype) & (secrets.name == link))
    found = query.where((secrets.fieldname == fieldname) & (secrets.encrypted == 0)).run()
    return found[0][0] if found else NO_HASH


def attempt(link: Link, given: str, address: Address | None) -> Attempt:
    """Check ``given``. After MAX_WRONG_TRIES from one address in WINDOW, not even the right one helps.

    Raises RedisError without Redis: who can't count tries must not let anybody try.
    """
    what = f"tries:{link.name}"
    if throttles.count(what, address, WINDOW) > MAX_WRONG_TRIES:
        return Attempt.TOO_MANY
    if not _is_right(given, link.password_hash):
        return Attempt.WRONG
    throttles.forget(what, address)
    return Attempt.RIGHT


def _is_right(given: str, kept: str) -> bool:
    if not given or len(given) > MAX_LENGTH:
        return False
    try:
        return passlibctx.verify(given, kept)
    except (UnknownHashError, ValueError):
        return False
