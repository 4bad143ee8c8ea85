"""The virtual environment: the engine, what it needs, the app's own dependencies and the tools of the tests."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import sys
from pathlib import Path

from dev.bench import commands, paths, stamps
from dev.bench.errors import BenchError

SUPPORTED = ((3, 10), (3, 11), (3, 12))

_FOLDER = paths.DEV / "python"
_LOCK = _FOLDER / "lock.txt"
_BUILD = _FOLDER / "build.txt"
_STAMP = paths.ENV / ".stamp"
_CONSTRAINTS = paths.HOME / "constraints.txt"
_VERSION = "import sys; print(*sys.version_info[:2])"
_HAS_VENV = "import ensurepip, venv"


def find_python() -> str:
    """The Python that runs this if the engine supports it, else one on the PATH; with the venv module if any has it."""
    names = (sys.executable, *(f"python{major}.{minor}" for major, minor in reversed(SUPPORTED)))
    usable = [name for name in names if _is_supported(name)]
    if not usable:
        versions = ", ".join(f"{major}.{minor}" for major, minor in SUPPORTED)
        found = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise BenchError(
            f"Python {versions} is what the engine supports; this is {found}, and no other was found."
        )
    return next((name for name in usable if _has_venv(name)), usable[0])


def _is_supported(python: str | Path) -> bool:
    version = commands.output_of([python, "-c", _VERSION])
    return version is not None and tuple(map(int, version.split())) in SUPPORTED


def _has_venv(python: str) -> bool:
    return commands.output_of([python, "-c", _HAS_VENV]) is not None


def can_make() -> bool:
    """Debian keeps the venv module in a package of its own."""
    return _is_supported(paths.PYTHON) or _has_venv(find_python())


def venv_packages() -> tuple[str, ...]:
    version = commands.output_of([find_python(), "-c", _VERSION]) or ""
    return f"python{version.replace(' ', '.')}-venv", "python3-venv"


def ensure() -> str | None:
    # everything made later depends on this stamp, and much of it holds the path of the checkout
    wanted = stamps.fingerprint(str(paths.CHECKOUT), _LOCK, _BUILD)
    note = None
    if stamps.is_current(_STAMP, wanted) and _is_supported(paths.PYTHON):
        note = "ready"
    else:
        _create()
        stamps.write(_STAMP, wanted)
    _write_path_file()
    return _ensure_app_dependencies() or note


def _create() -> None:
    """With --no-build-isolation: each isolated build would fetch a build tool of its own, of whatever version."""
    shutil.rmtree(paths.ENV, ignore_errors=True)
    commands.run(
        [find_python(), "-m", "venv", paths.ENV], log="venv", failure="Making a virtual environment failed"
    )
    failure = "Installing Python packages failed"
    commands.run([*_pip(), "-r", _BUILD], log="pip-build", failure=failure)
    commands.run(
        [*_pip(), "--no-deps", "--no-build-isolation", "-r", _LOCK],
        log="pip",
        failure=failure,
        env={"CC": "false"},
    )


def _pip() -> list[str | Path]:
    # few retries: without a network the answer should not take minutes
    options = ["--disable-pip-version-check", "--no-input", "--retries", "2", "--timeout", "60"]
    return [paths.PYTHON, "-m", "pip", "install", "-q", "--no-compile", *options, "--require-hashes"]


def _write_path_file() -> None:
    """Puts the checkout, the stand-in CRM and the import alias into every Python of the environment."""
    lines = [
        str(paths.CHECKOUT),
        str(paths.DEV / "crm"),
        "import dev.engine.alias; dev.engine.alias.install()",
    ]
    stamps.write_whole(site_packages() / "trackflow_bench.pth", "\n".join(lines) + "\n")


def site_packages() -> Path:
    return next(paths.ENV.glob("lib/python3.*/site-packages"))


def engine_path() -> Path:
    return site_packages() / paths.ENGINE


def _ensure_app_dependencies() -> str | None:
    """pyproject.toml may be ahead of the lock: what it names is installed all the same."""
    missing = [requirement for requirement in app_dependencies() if not _is_installed(requirement)]
    if not missing:
        return None
    stamps.write_whole(_CONSTRAINTS, _without_hashes(_LOCK.read_text()))
    install = [part for part in _pip() if part != "--require-hashes"]
    failure = "Installing the app's dependencies failed"
    commands.run([*install, "-c", _CONSTRAINTS, *missing], log="pip-app", failure=failure)
    return f"not in the lock: {', '.join(missing)}"


def app_dependencies() -> list[str]:
    """A small reader, because tomllib came with Python 3.11."""
    text = (paths.CHECKOUT / "pyproject.toml").read_text()
    section = re.search(r"^\[project\]$(.*?)(?=^\[|\Z)", text, re.M | re.S)
    block = re.search(r"^dependencies\s*=\s*\[(.*?)^\]", section[1] if section else "", re.M | re.S)
    lines = (line.strip() for line in (block[1] if block else "").splitlines())
    return [match[1] for line in lines if (match := re.match(r"""["'](.+?)["'],?""", line))]


def _is_installed(requirement: str) -> bool:
    name = re.match(r"[\w.-]+", requirement)[0]
    wanted = re.sub(r"[-_.]+", "-", name).lower()
    installed = importlib.metadata.distributions(path=[str(site_packages())])
    return any(re.sub(r"[-_.]+", "-", found.metadata["Name"] or "").lower() == wanted for found in installed)


def _without_hashes(lock: str) -> str:
    lines = (line.rstrip("\\").strip() for line in lock.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("#", "--hash"))) + "\n"


def write_lock() -> None:
    """For all supported versions of Python at once, with the hashes of all files."""
    env = paths.HOME / "lock-env"
    failure = "Bringing the lock up to date failed"
    commands.run([find_python(), "-m", "venv", env], log="lock", failure=failure)
    commands.run([env / "bin" / "pip", "install", "-q", "uv"], log="lock", failure=failure)
    lowest = ".".join(map(str, SUPPORTED[0]))
    resolve = [env / "bin" / "uv", "pip", "compile", "-q", "--universal", "--python-version", lowest]
    resolve += ["--no-header", "--no-annotate", "--generate-hashes", "--override", "overrides.txt"]
    sources = ["engine.in", "requirements.txt", paths.CHECKOUT / "pyproject.toml"]
    for command in (
        [*resolve, *sources, "--output-file", _LOCK],
        [*resolve, "build.in", "--constraints", _LOCK, "--output-file", _BUILD],
    ):
        commands.run(command, log="lock", failure=failure, cwd=_FOLDER)
