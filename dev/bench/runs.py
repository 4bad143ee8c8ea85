"""`make test` and `make bench`: what runs against a site of its own and leaves nothing running."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from dev.bench import lock, paths, processes, services, setup, site
from dev.bench.commands import environment, shown
from dev.bench.errors import BenchError
from dev.bench.paths import Instance
from dev.bench.progress import Step, run_steps

_TESTS = paths.CHECKOUT / "tests"
_FAULTS = sorted((_TESTS / "site").glob("test_faults*.py"))
_NO_TESTS_COLLECTED = 5
# More than these is no accident.
_MOST_TRIED_AGAIN = 5


@dataclass
class Outcome:
    title: str
    ok: bool
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    names_of_failed: set[str] = field(default_factory=set)
    # Passed, but only at the second try.
    flaky: list[str] = field(default_factory=list)


def tests(arguments: list[str]) -> int:
    """Everything, or one run of pytest with the arguments given."""
    needs_site = not arguments or not _only_unit_tests(arguments)
    instance = paths.instance(paths.TEST)
    with lock.hold(instance.name), _running(instance, needs_site, with_browser=needs_site):
        if arguments:
            outcomes = [_pytest(instance, "pytest", [_absolute(part) for part in arguments])]
        else:
            outcomes = _everything(instance)
    return _sum_up(outcomes)


def benchmarks(arguments: list[str]) -> int:
    if not (paths.CHECKOUT / "benchmarks" / "__main__.py").is_file():
        raise BenchError("There are no benchmarks in this checkout.")
    instance = paths.instance(paths.TEST)
    with lock.hold(instance.name), _running(instance, True, with_browser=False):
        return _call([paths.PYTHON, "-m", "benchmarks", *arguments], instance.sites, site.facts(instance))


@contextmanager
def _running(instance: Instance, needs_site: bool, with_browser: bool) -> Iterator[None]:
    """A fresh site each time; but one that somebody keeps (KEEP=1) is used as it is, and left running."""
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


def _everything(instance: Instance) -> list[Outcome]:
    ruff = [paths.PYTHON, "-m", "ruff"]
    outcomes = [
        _check("lint", lambda: _call([*ruff, "check", "."], paths.CHECKOUT)),
        _check("format", lambda: _call([*ruff, "format", "--check", "."], paths.CHECKOUT)),
    ]
    for folder in ("unit", "bench", "site", "browser"):
        if any((_TESTS / folder).rglob("test_*.py")):
            ignored = [f"--ignore={path}" for path in _FAULTS]
            outcomes.append(_pytest(instance, folder, [str(_TESTS / folder), *ignored]))
            if folder == "browser":
                outcomes[-1] = _with_second_try(instance, outcomes[-1])
        else:
            print(f"\n== {folder}: no tests ==")
    # Last and alone: they stop services under everybody's feet.
    outcomes.append(_pytest(instance, "faults", [str(path) for path in _FAULTS]))
    return outcomes


def _with_second_try(instance: Instance, first: Outcome) -> Outcome:
    """A browser may lose a race on a busy machine: a few tests that failed are tried once more, and named."""
    if not 0 < first.failed <= _MOST_TRIED_AGAIN:
        return first
    again = ["--last-failed", "--last-failed-no-failures", "none"]
    second = _pytest(instance, "browser-again", [str(_TESTS / "browser"), *again])
    return _after_second_try(first, second)


def _after_second_try(first: Outcome, second: Outcome) -> Outcome:
    if second.passed + second.failed != first.failed:
        return first
    first.ok, first.failed = second.ok, second.failed
    first.passed += second.passed
    first.seconds += second.seconds
    first.flaky = sorted(first.names_of_failed - second.names_of_failed)
    return first


def _check(title: str, work: Callable[[], int]) -> Outcome:
    print(f"\n== {title} ==", flush=True)
    started = time.monotonic()
    code = work()
    return Outcome(title, code == 0, time.monotonic() - started)


def _pytest(instance: Instance, title: str, arguments: list[str]) -> Outcome:
    """In the sites folder, as on any bench; what pytest writes stays in .bench."""
    report = paths.CACHE / f"{title}.xml"
    report.unlink(missing_ok=True)
    options = ["--rootdir", paths.CHECKOUT, "-o", f"cache_dir={paths.CACHE / 'pytest'}"]
    options += ["--basetemp", paths.CACHE / "tmp", "--junit-xml", report]
    command = [paths.PYTHON, "-m", "pytest", *options, *arguments]
    has_site = setup.is_created(instance) and bool(processes.running(instance))
    where, env = (instance.sites, site.facts(instance)) if has_site else (paths.CHECKOUT, {})
    env["HYPOTHESIS_STORAGE_DIRECTORY"] = str(paths.CACHE / "hypothesis")
    outcome = _check(title, lambda: 0 if _call(command, where, env) in (0, _NO_TESTS_COLLECTED) else 1)
    return _with_counts(outcome, report)


def _call(command: list[str | Path], cwd: Path, env: dict[str, str] | None = None) -> int:
    caches = {"RUFF_CACHE_DIR": str(paths.CACHE / "ruff")}
    return subprocess.call([str(part) for part in command], cwd=cwd, env=environment(caches | (env or {})))


def _with_counts(outcome: Outcome, report: Path) -> Outcome:
    if report.is_file():
        for suite in ElementTree.parse(report).iter("testsuite"):
            count = {key: int(suite.get(key, 0)) for key in ("tests", "errors", "failures", "skipped")}
            outcome.failed += count["errors"] + count["failures"]
            outcome.skipped += count["skipped"]
            outcome.passed += count["tests"] - count["errors"] - count["failures"] - count["skipped"]
        outcome.names_of_failed = _failed_in(report)
    return outcome


def _failed_in(report: Path) -> set[str]:
    cases = ElementTree.parse(report).iter("testcase")
    failed = (one for one in cases if one.find("failure") is not None or one.find("error") is not None)
    return {f"{one.get('classname')}::{one.get('name')}" for one in failed}


def _sum_up(outcomes: list[Outcome]) -> int:
    print("\n== summary ==")
    for outcome in outcomes:
        counts = f"{outcome.passed} passed, {outcome.failed} failed, {outcome.skipped} skipped"
        figures = counts if outcome.passed or outcome.failed or outcome.skipped else ""
        verdict = "ok" if outcome.ok else "FAILED"
        print(f"{outcome.title:<8} {verdict:<7} {outcome.seconds:6.1f} s  {figures}".rstrip())
    for outcome in outcomes:
        for name in outcome.flaky:
            print(f"FLAKY: passed only at the second try: {name}")
    totals = {
        kind: sum(getattr(outcome, kind) for outcome in outcomes) for kind in ("passed", "failed", "skipped")
    }
    print(", ".join(f"{number} {kind}" for kind, number in totals.items()))
    screenshots = paths.instance(paths.TEST).root / "screenshots"
    if any(screenshots.glob("*.png")):
        print(f"Screenshots: {shown(screenshots)}")
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def _only_unit_tests(arguments: list[str]) -> bool:
    named = [Path(_absolute(part).split("::")[0]) for part in arguments if _absolute(part) != part]
    return bool(named) and all(path.is_relative_to(_TESTS / "unit") for path in named)


def _absolute(argument: str) -> str:
    """Arguments are typed as seen from the checkout, but pytest runs in the sites folder."""
    path, mark, test = argument.partition("::")
    here = paths.CHECKOUT / path
    return f"{here}{mark}{test}" if path and not path.startswith("-") and here.exists() else argument
