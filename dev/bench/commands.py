"""Runs other programs: their output goes to a log, their failure becomes a sentence."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from dev.bench import paths
from dev.bench.errors import BenchError

_NO_NETWORK = (
    "Temporary failure in name resolution",
    "Temporary failure resolving",
    "Could not resolve",
    "Failed to establish a new connection",
    "Network is unreachable",
    "Connection refused",
    "Connection timed out",
    "Read timed out",
    "Max retries exceeded",
    "ProxyError",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENETUNREACH",
    "ETIMEDOUT",
)
_NO_SPACE = ("No space left on device", "ENOSPC")


def run(
    command: Sequence[str | Path],
    *,
    log: str,
    failure: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    log_folder: Path | None = None,
) -> None:
    """`failure` says what did not work; why is looked up in the output where it can be told."""
    path = (log_folder or paths.LOGS) / f"{log}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as output:
        result = subprocess.run(
            [str(part) for part in command],
            cwd=cwd or paths.CHECKOUT,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if result.returncode:
        raise BenchError(f"{failure}{_reason(path)} The whole output is in {shown(path)}")


def output_of(command: Sequence[str | Path]) -> str | None:
    """What a program prints, or None if it can't be run: for looking at versions."""
    try:
        result = subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() if result.returncode == 0 else None


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's, with the bench's own programs first and without what would change how Python finds modules."""
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    env["PATH"] = f"{paths.BIN}{os.pathsep}{env.get('PATH', os.defpath)}"
    return env | dict(extra or {})


def shown(path: Path) -> str:
    """A path as a user in the checkout would type it."""
    return str(path.relative_to(paths.CHECKOUT)) if path.is_relative_to(paths.CHECKOUT) else str(path)


def _reason(log: Path) -> str:
    text = log.read_text(errors="replace")
    if any(sign in text for sign in _NO_SPACE):
        return ": the disk is full."
    if any(sign in text for sign in _NO_NETWORK):
        return ": the network or the package registry could not be reached; run the same command again later."
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return f": {lines[-1]}." if lines else "."
