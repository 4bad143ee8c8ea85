"""The domain knows no Frappe, no other part of the app, no clock and no chance."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import trackflow

APP = Path(trackflow.__file__).parent
DOMAIN = APP / "domain"
SOURCES = sorted(DOMAIN.rglob("*.py"))

THIRD_PARTY = {"idna", "user_agents", "crawleruseragents", "numpy", "re2"}
CLOCK_AND_CHANCE = {"random", "secrets", "uuid", "time", "importlib"}
ALLOWED = (set(sys.stdlib_module_names) | THIRD_PARTY) - CLOCK_AND_CHANCE
IMPURE_CALLS = {"now", "utcnow", "today", "urandom", "getrandom", "random", "__import__"}


def imported(tree: ast.AST, package: str) -> Iterator[str]:
    """Full names of all that is imported, relative imports resolved against ``package``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*parents, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_allowed(module: str) -> bool:
    if module.partition(".")[0] == "trackflow":
        return f"{module}.".startswith("trackflow.domain.")
    return module.partition(".")[0] in ALLOWED


def impure_calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            if name in IMPURE_CALLS and isinstance(node.ctx, ast.Load) and not is_plain_variable(node, tree):
                yield f"{name} in line {node.lineno}"


def is_plain_variable(node: ast.AST, tree: ast.AST) -> bool:
    """A parameter called ``now`` is what purity asks for; calling or reaching into a clock is not."""
    called = {id(call.func) for call in ast.walk(tree) if isinstance(call, ast.Call)}
    return id(node) not in called


def offences(source: str, package: str = "trackflow.domain") -> list[str]:
    tree = ast.parse(source)
    return [name for name in imported(tree, package) if not is_allowed(name)] + list(impure_calls(tree))


def package_of(path: Path) -> str:
    return ".".join(path.relative_to(APP.parent).parent.parts)


def test_there_is_a_domain_to_look_at():
    assert len(SOURCES) > 10


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(DOMAIN)))
def test_the_domain_imports_nothing_but_itself_and_calls_no_clock(path):
    assert offences(path.read_text(encoding="utf-8"), package_of(path)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import frappe",
        "import frappe.utils as u",
        "from frappe import _",
        "def f():\n    import frappe",
        "from trackflow import settings",
        "import trackflow",
        "import trackflow.store",
        "from trackflow.store import save",
        "from .. import settings",
        "from ..store import save",
        "import requests",
        "import random",
        "from secrets import token_hex",
        "import uuid",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.datetime.utcnow()",
        "from datetime import date\ndate.today()",
        "import os\nos.urandom(16)",
        "__import__('frappe')",
    ],
)
def test_this_test_sees_what_is_not_pure(source):
    assert offences(source)


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime, timedelta",
        "import crawleruseragents\nimport user_agents",
        "from trackflow.domain import clients",
        "from trackflow.domain.links import Utm",
        "from . import clients",
        "from .links import Utm",
        "def open_at(now):\n    return now > entropy.now",
    ],
)
def test_this_test_lets_pass_what_is_pure(source):
    assert offences(source) == []
