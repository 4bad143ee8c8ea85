"""Short codes: the part of a short URL behind /r/."""

import re
from collections.abc import Callable

from trackflow.domain.errors import Refused

# No 0 o 1 l i: a code is read off paper and dictated over the phone. Lower case only, for the same reason.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
DEFAULT_LENGTH = 7
MIN_LENGTH, MAX_LENGTH = 4, 32
MAX_CUSTOM_LENGTH = 64

# Words that a site or a later version of TrackFlow may want to answer itself.
# fmt: off
RESERVED = frozenset({
    "about", "admin", "api", "app", "apps", "assets", "backups", "contact", "dashboard", "desk", "docs",
    "error", "favicon", "files", "go", "health", "help", "home", "index", "link", "links", "login",
    "logout", "me", "new", "null", "preview", "private", "public", "qr", "r", "robots", "settings",
    "setup", "sitemap", "stats", "status", "support", "t", "test", "track", "tracker", "trackflow",
    "undefined", "www",
})
# fmt: on
_WELL_FORMED = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_CUSTOM_LENGTH}}}", re.ASCII)


def is_well_formed(code: str) -> bool:
    """Say whether ``code`` could be a short code at all; everything else is answered 404 unseen."""
    return bool(_WELL_FORMED.fullmatch(code))


def is_reserved(code: str) -> bool:
    return code.lower() in RESERVED


def check(code: str) -> str:
    """Return a code that somebody typed, or raise Refused if it can't be used."""
    if not is_well_formed(code):
        raise Refused("code_malformed", code=code[:80], longest=MAX_CUSTOM_LENGTH)
    if is_reserved(code):
        raise Refused("code_reserved", code=code)
    return code


def generate(length: int, randbelow: Callable[[int], int]) -> str:
    """Return a random code of ``length`` characters that is no reserved word.

    ``randbelow(n)`` gives an int in [0, n), as ``secrets.randbelow`` does. With 31 letters, 7 characters
    make 27.5 thousand million codes.
    """
    length = min(max(length, MIN_LENGTH), MAX_LENGTH)
    while True:
        code = "".join(ALPHABET[randbelow(len(ALPHABET))] for _ in range(length))
        if not is_reserved(code):
            return code
