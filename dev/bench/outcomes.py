"""What came out of checks and tests, and how it is told at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree


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


def with_counts(outcome: Outcome, report: Path) -> Outcome:
    """``report`` is pytest's JUnit file, which is not there if pytest could not begin."""
    if not report.is_file():
        return outcome
    for suite in ElementTree.parse(report).iter("testsuite"):
        count = {key: int(suite.get(key, 0)) for key in ("tests", "errors", "failures", "skipped")}
        outcome.seconds = float(suite.get("time", outcome.seconds))
        outcome.failed += count["errors"] + count["failures"]
        outcome.skipped += count["skipped"]
        outcome.passed += count["tests"] - count["errors"] - count["failures"] - count["skipped"]
    outcome.names_of_failed = _failed_in(report)
    return outcome


def _failed_in(report: Path) -> set[str]:
    cases = ElementTree.parse(report).iter("testcase")
    failed = (one for one in cases if one.find("failure") is not None or one.find("error") is not None)
    return {f"{one.get('classname')}::{one.get('name')}" for one in failed}


def after_second_try(first: Outcome, second: Outcome) -> Outcome:
    """The first try with what the second one changed about it; a second one that left tests out changes nothing."""
    if second.passed + second.failed != first.failed:
        return first
    first.ok, first.failed = second.ok, second.failed
    first.passed += second.passed
    first.seconds += second.seconds
    first.flaky = sorted(first.names_of_failed - second.names_of_failed)
    return first


def told(outcomes: list[Outcome]) -> str:
    """The summary, a line for each outcome and then what was flaky and the totals."""
    lines = [_line(outcome) for outcome in outcomes]
    lines += [
        f"FLAKY: passed only at the second try: {name}" for outcome in outcomes for name in outcome.flaky
    ]
    totals = {kind: sum(getattr(one, kind) for one in outcomes) for kind in ("passed", "failed", "skipped")}
    return "\n".join([*lines, ", ".join(f"{number} {kind}" for kind, number in totals.items())])


def _line(outcome: Outcome) -> str:
    counts = f"{outcome.passed} passed, {outcome.failed} failed, {outcome.skipped} skipped"
    figures = counts if outcome.passed or outcome.failed or outcome.skipped else ""
    verdict = "ok" if outcome.ok else "FAILED"
    return f"{outcome.title:<8} {verdict:<7} {outcome.seconds:6.1f} s  {figures}".rstrip()
