"""Ports that are free: several checkouts, and other programs, live on the same machine."""

from __future__ import annotations

import json
import socket
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from dev.bench import stamps

HOST = "127.0.0.1"
NAMES = ("web", "mariadb", "redis_cache", "redis_queue")


def is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        # as servers do: a port that only has old connections closing counts as free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(file: Path, preferred: dict[str, int], in_use: Collection[str] = ()) -> dict[str, int]:
    """Those of the last time where they are still free, or in use by the instance itself: bookmarks should go on
    working."""
    known = load(file) if file.is_file() else preferred
    chosen = {name: known[name] for name in in_use}
    for name in NAMES:
        if name not in chosen:
            chosen[name] = _free_port(known.get(name), set(chosen.values()))
    file.parent.mkdir(parents=True, exist_ok=True)
    stamps.write_whole(file, json.dumps(chosen, indent=1))
    return chosen


def load(file: Path) -> dict[str, int]:
    return json.loads(file.read_text())


def _free_port(wanted: int | None, taken: set[int]) -> int:
    if wanted and wanted not in taken and is_free(wanted):
        return wanted
    while True:
        with closing(socket.socket()) as probe:
            probe.bind((HOST, 0))
            if (port := probe.getsockname()[1]) not in taken:
                return port
