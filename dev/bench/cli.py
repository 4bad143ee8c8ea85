"""The commands, and how their failures are told."""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys

from dev.bench import lock, paths, processes, services, setup, site
from dev.bench.commands import environment
from dev.bench.errors import BenchError
from dev.bench.paths import Instance
from dev.bench.progress import run_steps


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        options = _parser().parse_args(arguments)
        return options.command(options) or 0
    except BenchError as error:
        print(f"\nError: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again to go on.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m dev.bench", description="The local bench of TrackFlow.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, function, text in (
        ("up", up, "set up an instance and start it"),
        ("restart", restart, "load the code of web server and workers again"),
        ("down", down, "stop an instance, or all of them"),
        ("reset", reset, "stop everything and remove it"),
        ("logs", logs, "follow the logs of an instance"),
        ("cli", cli, "run a command of the engine: cli NAME -- migrate"),
        ("python", python, "run Python as the engine would: python NAME -- FILE"),
    ):
        command = commands.add_parser(name, help=text)
        command.set_defaults(command=function)
        if name == "down":
            command.add_argument("instance", nargs="?")
        elif name != "reset":
            command.add_argument("instance", nargs="?", default=paths.DEMO)
        if name in ("cli", "python"):
            command.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser


def up(options: argparse.Namespace) -> None:
    instance = paths.instance(options.instance)
    with lock.hold(instance.name):
        run_steps([*setup.shared_steps(), *setup.instance_steps(instance)])
    print(f"\n{site.url(site.saved_ports(instance))}  {site.ADMIN} / {site.PASSWORD}")


def restart(options: argparse.Namespace) -> None:
    instance = _created(options.instance)
    with lock.hold(instance.name):
        services.stop_programs(instance)
        run_steps(setup.instance_steps(instance))


def down(options: argparse.Namespace) -> None:
    chosen = [paths.instance(options.instance)] if options.instance else paths.instances()
    for instance in chosen:
        with lock.hold(instance.name):
            print(f"{instance.name}: {'stopped' if services.stop_all(instance) else 'was not running'}")


def reset(options: argparse.Namespace) -> None:
    down(argparse.Namespace(instance=None))
    for leftover in paths.HOME.glob("*.new"):
        services.stop_all(Instance(leftover.name, leftover))
    shutil.rmtree(paths.HOME, ignore_errors=True)
    print("Removed .bench; the next command begins anew.")


def logs(options: argparse.Namespace) -> int:
    instance = _created(options.instance)
    return subprocess.call(["tail", "-n", "20", "-F", *sorted(instance.logs.glob("*.log"))])


def cli(options: argparse.Namespace) -> int:
    instance = _created(options.instance)
    return _in_sites(instance, services.engine_command(instance, *_after_dashes(options.arguments)))


def python(options: argparse.Namespace) -> int:
    return _in_sites(_created(options.instance), [paths.PYTHON, *_after_dashes(options.arguments)])


def _in_sites(instance: Instance, command: list) -> int:
    if not processes.running(instance):
        raise BenchError(f"The instance {instance.name} is not running; start it with `make demo`.")
    return subprocess.call(
        [str(part) for part in command], cwd=instance.sites, env=environment(facts(instance))
    )


def facts(instance: Instance) -> dict[str, str]:
    return {
        "TRACKFLOW_SITE": instance.site,
        "TRACKFLOW_URL": site.url(site.saved_ports(instance)),
        "TRACKFLOW_BENCH": str(instance.config),
    }


def _after_dashes(arguments: list[str]) -> list[str]:
    return arguments[1:] if arguments[:1] == ["--"] else arguments


def _created(name: str) -> Instance:
    instance = paths.instance(name)
    if not setup.is_created(instance):
        raise BenchError(f"There is no instance {name} yet; `make demo` or `make test` sets one up.")
    return instance
