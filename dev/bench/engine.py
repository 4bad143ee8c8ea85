"""Runs the engine's commands and modules on the site of an instance."""

from __future__ import annotations

from pathlib import Path

from dev.bench import commands, paths, processes
from dev.bench.paths import Instance

_MAIN = f"{paths.ENGINE}.utils.brik_helper"


def command(instance: Instance, *arguments: str) -> list[str | Path]:
    return [paths.PYTHON, "-m", _MAIN, paths.ENGINE, "--site", instance.site, *arguments]


def run(instance: Instance, *arguments: str, failure: str) -> None:
    _run(instance, command(instance, *arguments), arguments[0], failure)


def run_module(instance: Instance, module: str, failure: str) -> None:
    _run(instance, [paths.PYTHON, "-m", module, instance.site], module.rpartition(".")[2], failure)


def _run(instance: Instance, parts: list[str | Path], log: str, failure: str) -> None:
    # the folder of the template is renamed in the end: its logs lie with those of the set-up
    folder = paths.LOGS if instance.name == paths.TEMPLATE.name else instance.logs
    mark = {processes.MARK: str(_mark(instance))}
    commands.run(parts, log=log, failure=failure, cwd=instance.sites, env=mark, log_folder=folder)


def stop_leftovers(instance: Instance) -> None:
    """A command outlives the bench if that alone is killed; two of them would get in each other's way."""
    processes.stop_strays(_mark(instance))


def _mark(instance: Instance) -> Path:
    return instance.root / "command"
