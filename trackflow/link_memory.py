"""What web processes have lately read of links and policy, for moments in which neither Redis nor MariaDB says.

Redis holds the truth as far as it goes: what is here is looked at only where Redis has nothing (it is away, or has
been emptied) and MariaDB is away. It may then be as old as MAX_AGE.

It lies in memory that a process shares with those that are forked from it later: with all processes of a web server
that loads the app before it forks (gunicorn's --preload), so that none of them has to have seen a link itself. Nobody
waits for a lock; what two write at once into the same place fails its checksum and is as good as never noted.
"""

import mmap
import struct
import time
import zlib
from collections.abc import Iterator
from datetime import timedelta
from hashlib import blake2b

MAX_AGE = timedelta(minutes=15)
# Up to 4,096 links of up to 16 KiB, in 64 MiB that take real memory only where something is noted.
SETS, WAYS, SLOT_BYTES = 512, 8, 16 * 1024

# Digest of the key, moment (monotonic seconds, the same for all processes), length, checksum.
_HEADER = struct.Struct("<16sdII")
_DIGEST_AND_MOMENT = struct.Struct("<16sd")


class LinkMemory:
    """Packed records by key: each key has one set of places, in which the oldest record makes room for a new one."""

    def __init__(self, sets: int, ways: int, slot_bytes: int, max_age: timedelta) -> None:
        self._memory = mmap.mmap(-1, sets * ways * slot_bytes)
        self._sets, self._ways, self._slot_bytes = sets, ways, slot_bytes
        self._max_age = max_age.total_seconds()

    def note(self, key: bytes, packed: bytes, now: float | None = None) -> None:
        """Keep ``packed`` as what ``key`` was at ``now`` (monotonic seconds). What is too long is not kept."""
        if _HEADER.size + len(packed) > self._slot_bytes:
            # What was kept before must not outlive it.
            packed = b""
        digest = _digest(key)
        start = self._place_for(digest)
        record = _record(digest, time.monotonic() if now is None else now, packed)
        self._memory[start : start + len(record)] = record

    def recall(self, key: bytes, now: float | None = None) -> bytes | None:
        """Return what was noted last for ``key``, None if nothing was or it is too old."""
        digest = _digest(key)
        own = [(at, start) for start, held, at in self._places(digest) if held == digest]
        if not own:
            return None
        at, start = max(own)
        now = time.monotonic() if now is None else now
        return self._read(digest, start) or None if now - at <= self._max_age else None

    def _places(self, digest: bytes) -> Iterator[tuple[int, bytes, float]]:
        """Where each place of the digest's set begins, whose record is there, and since when."""
        first = int.from_bytes(digest[:4], "little") % self._sets * self._ways
        for place in range(first, first + self._ways):
            start = place * self._slot_bytes
            yield start, *_DIGEST_AND_MOMENT.unpack_from(self._memory, start)

    def _place_for(self, digest: bytes) -> int:
        oldest, moment = 0, float("inf")
        for start, held, at in self._places(digest):
            if held == digest:
                return start
            if at < moment:
                oldest, moment = start, at
        return oldest

    def _read(self, digest: bytes, start: int) -> bytes:
        held, at, length, checksum = _HEADER.unpack_from(self._memory, start)
        packed = self._memory[start + _HEADER.size : start + _HEADER.size + min(length, self._slot_bytes)]
        return packed if held == digest and checksum == _checksum(held, at, packed) else b""


def _digest(key: bytes) -> bytes:
    return blake2b(key, digest_size=16).digest()


def _record(digest: bytes, at: float, packed: bytes) -> bytes:
    return _HEADER.pack(digest, at, len(packed), _checksum(digest, at, packed)) + packed


def _checksum(digest: bytes, at: float, packed: bytes) -> int:
    return zlib.crc32(packed, zlib.crc32(_DIGEST_AND_MOMENT.pack(digest, at)))


shared = LinkMemory(SETS, WAYS, SLOT_BYTES, MAX_AGE)
