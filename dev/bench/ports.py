"""Ports that are free: several checkouts, and other programs, live on the same machine."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from pathlib import Path

from dev.bench import stamps

HOST = "127.0.0.1"
NAMES = ("web", "database", "redis_cache", "redis_queue")


def is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        # as servers do: a port that only has old connections closing counts as free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(file: Path, preferred: dict[str, int]) -> dict[str, int]:
    """Those of the last time where they are still free; bookmarks should go on working."""
    known = json.loads(file.read_text()) if file.is_file() else preferred
    chosen: dict[str, int] = {}
    for name in NAMES:
        chosen[name] = _free_port(known.get(name), set(chosen.values()))
    file.parent.mkdir(parents=True, exist_ok=True)
    stamps.write_whole(file, json.dumps(chosen, indent=1))
    return chosen


def _free_port(wanted: int | None, taken: set[int]) -> int:
    if wanted and wanted not in taken and is_free(wanted):
        return wanted
    while True:
        with closing(socket.socket()) as probe:
            probe.bind((HOST, 0))
            if (port := probe.getsockname()[1]) not in taken:
                return port
