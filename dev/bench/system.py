"""What must be on the machine before anything else: checked first, installed with apt where that is allowed."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dev.bench import commands, paths, python_env
from dev.bench.errors import BenchError

MARIADB_AT_LEAST = (10, 6)
NODE_AT_LEAST = 18
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_SERVER_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/local/bin")


def find(*names: str) -> Path | None:
    """Servers live in folders that are not on everyone's PATH."""
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), *_SERVER_FOLDERS])
    for name in names:
        if found := shutil.which(name, path=search):
            return Path(found)
    return None


def mariadb_server() -> Path | None:
    return find("mariadbd", "mysqld")


def redis_server() -> Path | None:
    """Debian's redis-tools carries the server's binary under the name of one of its checkers, and no service."""
    return find("redis-server", "valkey-server", "redis-check-rdb", "valkey-check-rdb")


def browser() -> Path | None:
    return find(*BROWSERS)


@dataclass(frozen=True)
class Requirement:
    """`packages` are tried in this order: distributions name them differently."""

    what: str
    present: Callable[[], object]
    packages: tuple[str, ...]


# None of these packages has a service: nothing starts on the machine because of them.
_SERVERS = (
    Requirement(
        "MariaDB's server",
        lambda: mariadb_server() and find("mariadb-install-db", "mysql_install_db"),
        ("mariadb-server-core", "mariadb-server-core-10.6"),
    ),
    Requirement(
        "MariaDB's client",
        lambda: find("mariadb", "mysql") and find("mariadb-dump", "mysqldump"),
        ("mariadb-client",),
    ),
    Requirement("Redis", redis_server, ("redis-tools", "redis-server")),
)
_BROWSER = (
    Requirement("Chromium", browser, ("chromium",)),
    Requirement("a font", lambda: any(Path("/usr/share/fonts").rglob("*.[to]tf")), ("fonts-dejavu-core",)),
)


def ensure(with_browser: bool = False) -> str | None:
    """Install what lacks, or say which packages to install."""
    venv = Requirement("Python's venv module", python_env.can_make, python_env.venv_packages())
    wanted = (venv, *_SERVERS, *(_BROWSER if with_browser else ()))
    missing = [requirement for requirement in wanted if not requirement.present()]
    if missing:
        _install(missing)
    _check_mariadb_version()
    link_programs()
    _check_redis()
    return ", ".join(requirement.what for requirement in missing) or "ready"


def _install(missing: list[Requirement]) -> None:
    apt = [*_as_root(), "apt-get", "-q", "-y"]
    if find("apt-get") is None or (os.geteuid() != 0 and not _can_sudo()):
        raise BenchError(_advice(missing, [requirement.packages[0] for requirement in missing]))
    noninteractive = {"DEBIAN_FRONTEND": "noninteractive"}
    commands.run([*apt, "update"], log="apt-update", failure="apt-get update failed", env=noninteractive)
    packages = [_available(requirement) for requirement in missing]
    commands.run(
        [*apt, "install", "--no-install-recommends", *packages],
        log="apt-install",
        failure=f"Installing {' '.join(packages)} with apt-get failed",
        env=noninteractive,
    )
    if still := [requirement for requirement in missing if not requirement.present()]:
        raise BenchError(_advice(still, packages))


def _advice(missing: list[Requirement], packages: list[str]) -> str:
    lacking = ", ".join(requirement.what for requirement in missing)
    return (
        f"Missing: {lacking}. Install it, on Debian or Ubuntu with: sudo apt-get install {' '.join(packages)}"
    )


def _available(requirement: Requirement) -> str:
    for package in requirement.packages:
        if "Candidate: (none)" not in (
            commands.output_of(["apt-cache", "policy", package]) or "Candidate: (none)"
        ):
            return package
    raise BenchError(_advice([requirement], [requirement.packages[0]]))


def _as_root() -> list[str]:
    # env: sudo drops DEBIAN_FRONTEND
    return [] if os.geteuid() == 0 else ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]


def _can_sudo() -> bool:
    return find("sudo") is not None and commands.output_of(["sudo", "-n", "true"]) is not None


def _check_mariadb_version() -> None:
    text = commands.output_of([mariadb_server() or "mariadbd", "--no-defaults", "--version"]) or ""
    version = re.search(r"(\d+)\.(\d+)\.\d+-MariaDB", text)
    if not version or (int(version[1]), int(version[2])) < MARIADB_AT_LEAST:
        found = version[0] if version else text or "something that does not start"
        raise BenchError(f"MariaDB 10.6 or newer is needed; found {found}.")


def _check_redis() -> None:
    """Elsewhere than on Debian the checker may be a program of its own."""
    if "erver v=" not in (commands.output_of([paths.BIN / "redis-server", "--version"]) or ""):
        raise BenchError("No Redis server was found; on Debian or Ubuntu: sudo apt-get install redis-tools")


def check_node() -> None:
    node, npm = find("node", "nodejs"), find("npm")
    if not node or not npm:
        raise BenchError(f"Node.js {NODE_AT_LEAST} or newer with npm is needed to build Desk; found none.")
    version = commands.output_of([node, "--version"]) or ""
    if int((re.match(r"v(\d+)", version) or ["", "0"])[1]) < NODE_AT_LEAST:
        raise BenchError(
            f"Node.js {NODE_AT_LEAST} or newer is needed to build Desk; found {version or node}."
        )


def check_disk(needed_gb: float) -> None:
    free = shutil.disk_usage(paths.CHECKOUT).free / 1024**3
    if free < needed_gb:
        raise BenchError(f"The disk is too full: {free:.1f} GB are free here, {needed_gb:g} GB are needed.")


def link_programs() -> None:
    """Names that the engine and its Redis binary go by, in a folder that only the bench has on its PATH."""
    paths.BIN.mkdir(parents=True, exist_ok=True)
    for name, target in {
        "mysql": find("mariadb", "mysql"),
        "mysqldump": find("mariadb-dump", "mysqldump"),
        "redis-server": redis_server(),
    }.items():
        link = paths.BIN / name
        if target and target.parent != paths.BIN:
            link.unlink(missing_ok=True)
            link.symlink_to(target)
