"""A machine that lacks something: one clear sentence."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest

from dev.bench import cli, commands, python_env, system
from dev.bench.errors import BenchError


@pytest.fixture
def versions(monkeypatch):
    """What programs say when they are asked for their version."""
    said: dict[str, str | None] = {}
    monkeypatch.setattr(commands, "output_of", lambda command: said.get(Path(command[0]).name))
    return said


def test_node_is_missing(monkeypatch):
    monkeypatch.setattr(system, "find", lambda *names: None)
    with pytest.raises(BenchError, match=r"Node\.js 18 or newer with npm is needed .* found none"):
        system.check_node()


@pytest.mark.parametrize("said", ["v16.20.2", "", None])
def test_node_is_too_old(monkeypatch, versions, said):
    monkeypatch.setattr(system, "find", lambda *names: Path("/usr/bin") / names[0])
    versions["node"] = said
    with pytest.raises(BenchError, match=r"Node\.js 18 or newer"):
        system.check_node()
    versions["node"] = "v18.0.0"
    system.check_node()


@pytest.mark.parametrize(
    "said", ["mariadbd  Ver 10.5.29-MariaDB for Linux", "mysqld  Ver 8.0.36 for Linux", None]
)
def test_mariadb_is_too_old_or_something_else(versions, said):
    versions["mariadbd"] = versions["mysqld"] = said
    with pytest.raises(BenchError, match=r"MariaDB 10\.6 or newer is needed"):
        system._check_mariadb_version()


def test_mariadb_is_new_enough(versions):
    versions["mariadbd"] = versions["mysqld"] = "mariadbd  Ver 11.8.2-MariaDB-1 from Debian"
    system._check_mariadb_version()


def test_the_python_is_not_supported(versions):
    with pytest.raises(BenchError, match=r"Python 3\.10, 3\.11, 3\.12 is what the engine supports"):
        python_env.find_python()


def test_another_python_on_the_path_will_do(versions):
    versions["python3.11"] = "3 11"
    assert python_env.find_python() == "python3.11"


def test_the_disk_is_full(monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(system.shutil, "disk_usage", lambda path: usage(10, 9, 512 * 1024**2))
    with pytest.raises(BenchError, match=r"too full: 0\.5 GB are free here, 2 GB are needed"):
        system.check_disk(2.0)


def test_who_may_not_install_packages_is_told_which(monkeypatch, versions):
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    missing = [requirement for requirement in system._SERVERS]
    packages = "mariadb-server-core mariadb-client redis-tools"
    with pytest.raises(BenchError, match=f"sudo apt-get install {packages}"):
        system._install(missing)


def test_a_failure_is_one_sentence_and_no_traceback(monkeypatch, capsys):
    def fail(options):
        raise BenchError("The disk is too full.")

    monkeypatch.setattr(cli, "reset", fail)
    assert cli.main(["reset"]) == 1
    assert capsys.readouterr().err == "\nError: The disk is too full.\n"
