"""`make test` and `make bench`: what runs against a site of its own and leaves nothing running."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.bench import lock, paths, processes, services, setup, site
from dev.bench.commands import environment, shown
from dev.bench.errors import BenchError
from dev.bench.outcomes import Outcome, after_second_try, told, with_counts
from dev.bench.paths import Instance
from dev.bench.progress import Step, run_steps

_TESTS = paths.CHECKOUT / "tests"
_FAULTS = sorted((_TESTS / "site").glob("test_faults*.py"))
# On a site that it makes for itself.
_INSTALL = _TESTS / "site" / "test_install.py"
_NO_TESTS_COLLECTED = 5
# More than these is no accident.
_MOST_TRIED_AGAIN = 5


def tests(arguments: list[str]) -> int:
    """Everything, or one run of pytest with the arguments given."""
    if not arguments:
        return _sum_up(_everything())
    instance = paths.instance(paths.TEST)
    needs_site = not _only_unit_tests(arguments)
    with _running(instance, needs_site, with_browser=needs_site):
        return _sum_up([_pytest(instance, "pytest", [_absolute(part) for part in arguments])])


def benchmarks(arguments: list[str]) -> int:
    if not (paths.CHECKOUT / "benchmarks" / "__main__.py").is_file():
        raise BenchError("There are no benchmarks in this checkout.")
    instance = paths.instance(paths.TEST)
    with _running(instance, True, with_browser=False):
        return _call([paths.PYTHON, "-m", "benchmarks", *arguments], instance.sites, site.facts(instance))


@contextmanager
def _running(instance: Instance, needs_site: bool, with_browser: bool) -> Iterator[None]:
    """A fresh site each time; but one that somebody keeps (KEEP=1) is used as it is, and left running."""
    with lock.hold(instance.name):
        kept = setup.is_kept(instance)
        steps: list[Step] = setup.shared_steps(with_browser) if needs_site else setup.python_steps()
        try:
            run_steps([*steps, *(setup.instance_steps(instance, fresh=not kept) if needs_site else [])])
            yield
        finally:
            if needs_site and not kept:
                if os.environ.get("KEEP"):
                    setup.keep(instance)
                else:
                    services.stop_all(instance)


def _everything() -> list[Outcome]:
    """Tests in the browser have a site of their own, and run beside the others."""
    instance, browsers = paths.instance(paths.TEST), paths.instance(paths.BROWSER)
    with _running(instance, True, with_browser=True), _running(browsers, True, with_browser=True):
        outcomes = [*_lint(), *(_pytest(instance, kind, [str(_TESTS / kind)]) for kind in ("unit", "bench"))]
        # Either way takes about as long.
        with _beside(browsers, "browser", [str(_TESTS / "browser"), str(_INSTALL)]) as finish:
            ignored = [f"--ignore={path}" for path in (*_FAULTS, _INSTALL)]
            outcomes.append(_pytest(instance, "site", [str(_TESTS / "site"), *ignored]))
            # Last and alone: they stop services under everybody's feet.
            outcomes.append(_pytest(instance, "faults", [str(path) for path in _FAULTS]))
            outcomes.append(_with_second_try(browsers, finish()))
    return outcomes


def _lint() -> list[Outcome]:
    ruff = [paths.PYTHON, "-m", "ruff"]
    return [
        _check("lint", lambda: _call([*ruff, "check", "."], paths.CHECKOUT)),
        _check("format", lambda: _call([*ruff, "format", "--check", "."], paths.CHECKOUT)),
    ]


def _with_second_try(instance: Instance, first: Outcome) -> Outcome:
    """A browser may lose a race on a busy machine: a few tests that failed are tried once more, and named."""
    if not 0 < first.failed <= _MOST_TRIED_AGAIN:
        return first
    again = ["--last-failed", "--last-failed-no-failures", "none"]
    return after_second_try(first, _pytest(instance, "browser-again", [str(_TESTS / "browser"), *again]))


def _check(title: str, work: Callable[[], int]) -> Outcome:
    print(f"\n== {title} ==", flush=True)
    started = time.monotonic()
    code = work()
    return Outcome(title, code == 0, time.monotonic() - started)


# ---------------------------------------------------------------- pytest


def _pytest(instance: Instance, title: str, arguments: list[str]) -> Outcome:
    command, where, env, report = _pytest_command(instance, title, arguments)
    outcome = _check(title, lambda: 0 if _call(command, where, env) in (0, _NO_TESTS_COLLECTED) else 1)
    return with_counts(outcome, report)


@contextmanager
def _beside(instance: Instance, title: str, arguments: list[str]) -> Iterator[Callable[[], Outcome]]:
    """Run pytest in the background; what is yielded waits for its end, and only then prints what it wrote."""
    command, where, env, report = _pytest_command(instance, title, arguments)
    log = instance.logs / "pytest.log"
    with log.open("wb") as output, _call_beside(command, where, env, output) as process:

        def finish() -> Outcome:
            ok = process.wait() in (0, _NO_TESTS_COLLECTED)
            print(f"\n== {title} ==\n{log.read_text(errors='replace')}", flush=True)
            return with_counts(Outcome(title, ok, 0), report)

        yield finish


@contextmanager
def _call_beside(
    command: list[str | Path], cwd: Path, env: dict[str, str], output: object
) -> Iterator[subprocess.Popen]:
    """It ends with us, whatever ends us."""
    words = [str(part) for part in command]
    process = subprocess.Popen(words, cwd=cwd, env=_environment(env), stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _pytest_command(
    instance: Instance, title: str, arguments: list[str]
) -> tuple[list[str | Path], Path, dict[str, str], Path]:
    """(command, folder, environment, JUnit file): in the sites folder, as on any bench; what pytest writes stays in .bench."""
    report = paths.CACHE / f"{title}.xml"
    report.unlink(missing_ok=True)
    # Two that run beside each other must not share them.
    scratch = paths.CACHE / f"pytest-{instance.name}"
    options = ["--rootdir", paths.CHECKOUT, "-o", f"cache_dir={scratch / 'cache'}"]
    options += ["--basetemp", scratch / "tmp", "--junit-xml", report]
    scratch.mkdir(parents=True, exist_ok=True)
    has_site = setup.is_created(instance) and bool(processes.running(instance))
    where, env = (instance.sites, site.facts(instance)) if has_site else (paths.CHECKOUT, {})
    env["HYPOTHESIS_STORAGE_DIRECTORY"] = str(paths.CACHE / "hypothesis")
    return [paths.PYTHON, "-m", "pytest", *options, *arguments], where, env, report


def _call(command: list[str | Path], cwd: Path, env: dict[str, str] | None = None) -> int:
    return subprocess.call([str(part) for part in command], cwd=cwd, env=_environment(env or {}))


def _environment(env: dict[str, str]) -> dict[str, str]:
    return environment({"RUFF_CACHE_DIR": str(paths.CACHE / "ruff")} | env)


def _only_unit_tests(arguments: list[str]) -> bool:
    named = [Path(_absolute(part).split("::")[0]) for part in arguments if _absolute(part) != part]
    return bool(named) and all(path.is_relative_to(_TESTS / "unit") for path in named)


def _absolute(argument: str) -> str:
    """Arguments are typed as seen from the checkout, but pytest runs in the sites folder."""
    path, mark, test = argument.partition("::")
    here = paths.CHECKOUT / path
    return f"{here}{mark}{test}" if path and not path.startswith("-") and here.exists() else argument


# ---------------------------------------------------------------- the end


def _sum_up(outcomes: list[Outcome]) -> int:
    print(f"\n== summary ==\n{told(outcomes)}")
    for instance in (paths.instance(paths.TEST), paths.instance(paths.BROWSER)):
        screenshots = instance.root / "screenshots"
        if any(screenshots.glob("*.png")):
            print(f"Screenshots: {shown(screenshots)}")
    return 0 if all(outcome.ok for outcome in outcomes) else 1
