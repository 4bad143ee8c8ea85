"""The commands, and how their failures are told."""

from __future__ import annotations

import argparse
import errno
import shutil
import signal
import subprocess
import sys

from dev.bench import demo, engine, lock, paths, processes, python_env, runs, services, setup, site
from dev.bench.commands import environment
from dev.bench.errors import BenchError
from dev.bench.paths import Instance
from dev.bench.progress import run_steps


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except BenchError as error:
        return _tell(str(error))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return _tell("The disk is full.")
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again to go on.", file=sys.stderr)
        return 130


def _tell(sentence: str) -> int:
    print(f"\nError: {sentence}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m dev.bench", description="The local bench of TrackFlow.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function: object, text: str, **arguments: dict) -> None:
        subparser = commands.add_parser(name, help=text)
        subparser.set_defaults(command=function)
        for argument, settings in arguments.items():
            subparser.add_argument(argument, **settings)

    instance = {"nargs": "?", "default": paths.DEMO}
    rest = {"nargs": argparse.REMAINDER}
    command("demo", lambda options: demo.run(), "set up the demo, start it and tell its story")
    command("test", _test, "run all checks, or pytest with ARGUMENTS", arguments=rest)
    command("bench", _bench, "run the benchmarks, or those that ARGUMENTS name", arguments=rest)
    command("up", up, "set up an instance and start it", instance=instance)
    command("restart", restart, "load the code of web server and workers again", instance=instance)
    command("down", down, "stop an instance, or all of them", instance={"nargs": "?"})
    command("reset", reset, "stop everything and remove it")
    command("logs", logs, "follow the logs of an instance", instance=instance)
    command("cli", cli, "a command of the engine: cli NAME -- migrate", instance=instance, arguments=rest)
    command("python", python, "Python in the sites: python NAME -- FILE", instance=instance, arguments=rest)
    command(
        "lock", lambda options: python_env.write_lock(), "bring the lock of the Python packages up to date"
    )
    return parser


def _test(options: argparse.Namespace) -> int:
    return runs.tests(_after_dashes(options.arguments))


def _bench(options: argparse.Namespace) -> int:
    return runs.benchmarks(_after_dashes(options.arguments))


def up(options: argparse.Namespace) -> None:
    instance = paths.instance(options.instance)
    with lock.hold(instance.name):
        run_steps([*setup.shared_steps(), *setup.instance_steps(instance)])
        setup.keep(instance)
    print(f"\n{site.url(instance)}  {site.ADMIN} / {site.PASSWORD}")


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
    if not options.instance:
        # what an interrupted set-up left in a folder that is no instance yet
        processes.stop_strays(paths.HOME)


def reset(options: argparse.Namespace) -> None:
    down(argparse.Namespace(instance=None))
    shutil.rmtree(paths.HOME, ignore_errors=True)
    print("Removed .bench; the next command begins anew.")


def logs(options: argparse.Namespace) -> int:
    instance = _created(options.instance)
    return subprocess.call(["tail", "--lines=20", "-F", *sorted(instance.logs.glob("*.log"))])


def cli(options: argparse.Namespace) -> int:
    instance = _created(options.instance)
    return _in_sites(instance, engine.command(instance, *_after_dashes(options.arguments)))


def python(options: argparse.Namespace) -> int:
    return _in_sites(_created(options.instance), [paths.PYTHON, *_after_dashes(options.arguments)])


def _in_sites(instance: Instance, command: list) -> int:
    if not processes.running(instance):
        raise BenchError(f"The instance {instance.name} is not running; start it with `make demo`.")
    env = environment(site.facts(instance))
    return subprocess.call([str(part) for part in command], cwd=instance.sites, env=env)


def _after_dashes(arguments: list[str]) -> list[str]:
    return arguments[1:] if arguments[:1] == ["--"] else arguments


def _created(name: str) -> Instance:
    instance = paths.instance(name)
    if not setup.is_created(instance):
        raise BenchError(f"There is no instance {name} yet; `make demo` sets one up.")
    return instance
