"""Starts programs in the background, and ends them and all that they started.

A process is known by its id and its start time, because ids are given again. What a recorded process left behind is
found by a mark in its environment, which children inherit.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dev.bench import commands, stamps
from dev.bench.errors import BenchError
from dev.bench.paths import Instance

MARK = "TRACKFLOW_BENCH_INSTANCE"


@dataclass(frozen=True)
class Process:
    name: str
    pid: int
    started: str

    def is_running(self) -> bool:
        return _start_time(self.pid) == self.started


def start(
    instance: Instance,
    name: str,
    command: Sequence[str | Path],
    cwd: Path,
    env: Mapping[str, str] | None = None,
) -> Process:
    instance.logs.mkdir(parents=True, exist_ok=True)
    instance.run.mkdir(parents=True, exist_ok=True)
    with log_of(instance, name).open("ab") as output:
        child = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=_environment(instance, env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process = Process(name, child.pid, _start_time(child.pid) or "")
    record = {"pid": process.pid, "started": process.started}
    stamps.write_whole(instance.run / f"{name}.json", json.dumps(record))
    return process


def log_of(instance: Instance, name: str) -> Path:
    return instance.logs / f"{name}.log"


def _environment(instance: Instance, extra: Mapping[str, str] | None) -> dict[str, str]:
    # CI makes Frappe's worker believe that it runs a test
    env = {key: value for key, value in commands.environment(extra).items() if key != "CI"}
    return env | {MARK: str(instance.root)}


def recorded(instance: Instance) -> dict[str, Process]:
    found = {}
    for file in sorted(instance.run.glob("*.json")):
        with suppress(ValueError, KeyError, OSError):
            facts = json.loads(file.read_text())
            found[file.stem] = Process(file.stem, facts["pid"], facts["started"])
    return found


def running(instance: Instance) -> dict[str, Process]:
    return {name: process for name, process in recorded(instance).items() if process.is_running()}


def stop(instance: Instance, names: Iterable[str], patience: float) -> None:
    """Politely, so that MariaDB writes its pages and a worker finishes its job; after `patience` by force."""
    ending = [process for name, process in recorded(instance).items() if name in set(names)]
    for process in ending:
        if process.is_running():
            _signal(process.pid, signal.SIGTERM)
    wait_until(lambda: not any(process.is_running() for process in ending), patience)
    for process in ending:
        if process.is_running():
            _signal(process.pid, signal.SIGKILL)
        (instance.run / f"{process.name}.json").unlink(missing_ok=True)


def stop_strays(root: Path) -> bool:
    """Children of what was stopped, and what was started by a run that was killed before it could record it."""
    strays = marked(root)
    for pid in strays:
        _signal(pid, signal.SIGKILL)
    return bool(strays) and wait_until(lambda: not marked(root), 5)


def marked(root: Path) -> list[int]:
    """The processes of the instance in this folder, or of all in it."""
    mark = f"{MARK}={root}"
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                variables = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
                if any(variable == mark or variable.startswith(mark + "/") for variable in variables):
                    found.append(int(entry.name))
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def wait_ready(instance: Instance, process: Process, ready: Callable[[], bool], seconds: float = 60) -> None:
    """A program that ends at once must not be waited for."""
    wait_until(lambda: ready() or not process.is_running(), seconds)
    if not ready():
        log = log_of(instance, process.name)
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        why = lines[-1].strip() if lines else "it printed nothing"
        raise BenchError(f"{process.name} did not start: {why} (see {commands.shown(log)})")


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _start_time(pid: int) -> str | None:
    """Field 22 of /proc/<pid>/stat; the name in field 2 may hold spaces and brackets. A zombie does not run."""
    _reap(pid)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def _reap(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
