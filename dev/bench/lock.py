"""Keeps two commands from working on the same thing at once."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from dev.bench import paths


@contextmanager
def hold(name: str) -> Iterator[None]:
    """The kernel lets go of it when the process ends, however it ends."""
    paths.HOME.mkdir(exist_ok=True)
    with (paths.HOME / f"{name}.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            print(
                f"Waiting for another command here to finish (process {file.read().strip()})", file=sys.stderr
            )
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
