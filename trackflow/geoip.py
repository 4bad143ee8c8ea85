"""The country of an address, from the MaxMind database that the site names in its settings, if it has one."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import frappe

from trackflow.domain.errors import Refused
from trackflow.domain.ip_ranges import Address

if TYPE_CHECKING:
    from geoip2.database import Reader

# Of a City database the country is a part, of an Enterprise database too.
_KINDS = {"Enterprise": "enterprise", "City": "city", "Country": "country"}


def check_database(text: str) -> None:
    """Raise Refused unless ``text`` names a database that says which country an address is in."""
    path = _path(text)
    if not path.is_file():
        raise Refused("geoip_missing", path=text)
    try:
        _open(path)
    except Refused:
        raise
    except _errors() as error:
        raise Refused("geoip_unreadable", path=text, error=str(error)[:200]) from None


def is_available(text: str) -> bool:
    """Say whether ``text``, the path in the settings, leads to a database that can be read."""
    return bool(text) and _lookup(_path(text)) is not None


def country(text: str, address: Address | None) -> str:
    """Return the two letters of the country of ``address``, "" if it or the database is not known.

    text: the path in the settings. Never raises.
    """
    return lookup(text)(str(address or ""))


def lookup(text: str) -> Callable[[str], str]:
    """Return what gives the two letters of an address's country, for the database as it is at this moment."""
    return (_lookup(_path(text)) if text else None) or _unknown


def _unknown(_address: str) -> str:
    return ""


def _path(text: str) -> Path:
    """Return the file that ``text`` names: absolute, relative to the site's folder, or the URL of an upload."""
    if text.startswith("/private/files/"):
        return Path(frappe.get_site_path(text.lstrip("/")))
    if text.startswith("/files/"):
        return Path(frappe.get_site_path("public", text.lstrip("/")))
    # A path that is absolute stays as it is.
    return Path(frappe.get_site_path()) / text


def _lookup(path: Path) -> Callable[[str], str] | None:
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return None
    return _opened(path, changed)


@lru_cache(maxsize=4)
def _opened(path: Path, changed: int) -> Callable[[str], str] | None:
    """Open a database once in each process, and again when its file has ``changed`` (time in nanoseconds)."""
    try:
        reader = _open(path)
    except _errors():
        frappe.logger("trackflow").exception(f"The country database {path} can't be read")
        return None
    read = getattr(reader, _kind(reader))
    return lru_cache(maxsize=4096)(lambda address: _read(read, address))


def _read(read: Callable, address: str) -> str:
    # geoip2 takes a quarter of a second to import and is not needed where there is no database.
    from geoip2.errors import AddressNotFoundError

    try:
        return read(address).country.iso_code or ""
    except (AddressNotFoundError, ValueError):
        return ""


def _open(path: Path) -> Reader:
    from geoip2.database import Reader

    reader = Reader(str(path))
    if not _kind(reader):
        raise Refused("geoip_kind", kind=reader.metadata().database_type[:80])
    return reader


def _kind(reader: Reader) -> str:
    """Return the method that reads this kind of database, "" if it knows no countries."""
    kind = reader.metadata().database_type
    return next((method for word, method in _KINDS.items() if word in kind), "")


def _errors() -> tuple[type[Exception], ...]:
    from maxminddb import InvalidDatabaseError

    return InvalidDatabaseError, OSError, ValueError
