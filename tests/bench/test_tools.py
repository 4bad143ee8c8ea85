"""The bench's own parts, without a site."""

from __future__ import annotations

import re
import socket
import sys
from contextlib import closing

import pytest

from dev.bench import commands, outcomes, paths, ports, processes, python_env, services, stamps
from dev.bench.errors import BenchError


def test_a_fingerprint_follows_content_and_names_but_not_compiled_files(tmp_path):
    source = tmp_path / "app"
    source.mkdir()
    (source / "a.py").write_text("1")
    first = stamps.fingerprint(source)
    (source / "__pycache__").mkdir()
    (source / "__pycache__" / "a.pyc").write_text("x")
    assert stamps.fingerprint(source) == first
    (source / "a.py").rename(source / "b.py")
    renamed = stamps.fingerprint(source)
    (source / "b.py").write_text("2")
    assert len({first, renamed, stamps.fingerprint(source)}) == 3


def test_a_port_that_was_taken_meanwhile_is_told():
    with closing(socket.socket()) as other:
        other.bind((ports.HOST, 0))
        other.listen()
        with pytest.raises(BenchError, match="taken port"):
            services.check_free(other.getsockname()[1])


def test_ports_stay_the_same_unless_somebody_else_took_them(tmp_path):
    file = tmp_path / "ports.json"
    first = ports.choose(file, {})
    assert len(set(first.values())) == len(ports.NAMES)
    with closing(socket.create_server((ports.HOST, first["web"]))):
        assert ports.choose(file, {}, in_use=["web"]) == first
        second = ports.choose(file, {})
    assert second["web"] != first["web"]
    assert {**second, "web": 0} == {**first, "web": 0}


def test_nothing_is_left_of_what_was_started(tmp_path):
    instance = paths.Instance("x", tmp_path / "x")
    child = "import os, time; os.setsid(); time.sleep(60)"
    parent = (
        f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    )
    processes.start(instance, "parent", [sys.executable, "-c", parent], tmp_path)
    assert processes.wait_until(lambda: len(processes.marked(instance.root)) == 2, 10)
    assert list(processes.running(instance)) == ["parent"]
    processes.stop(instance, ["parent"], patience=10)
    assert processes.running(instance) == {}
    assert len(processes.marked(instance.root)) == 1
    assert processes.stop_strays(tmp_path)
    assert processes.marked(instance.root) == []


def test_a_process_id_that_was_given_again_is_not_ours(tmp_path):
    process = processes.start(paths.Instance("x", tmp_path), "x", [sys.executable, "-c", ""], tmp_path)
    assert not processes.Process("x", process.pid, "another start time").is_running()


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("ERROR: Temporary failure in name resolution", "network"),
        ("npm error ENOSPC: no space left on device", "disk is full"),
        ("first\nlast words", "last words"),
    ],
)
def test_a_failed_command_becomes_a_sentence(tmp_path, output, said):
    script = f"print({output!r}); raise SystemExit(3)"
    with pytest.raises(BenchError, match=said):
        commands.run([sys.executable, "-c", script], log="x", failure="It failed", log_folder=tmp_path)


def test_only_the_apps_own_dependencies_are_read_from_pyproject():
    names = {re.match(r"[\w.-]+", requirement)[0] for requirement in python_env.app_dependencies()}
    assert "qrcode" in names
    assert not names & {"frappe", "flit_core", "pytest"}


@pytest.mark.parametrize("name", ["env", "desk", "template", "../x", "Test", ""])
def test_an_instance_cannot_have_a_name_that_means_something_else(name):
    with pytest.raises(BenchError):
        paths.instance(name)


def test_the_locks_name_no_registry_and_all_have_hashes():
    for name in ("lock.txt", "build.txt"):
        lock = (paths.DEV / "python" / name).read_text()
        assert "://" not in lock
        pins = re.findall(r"^[\w.-]+==.*(?:\n    .*)*", lock, re.M)
        assert pins and all("--hash=sha256:" in pin for pin in pins)
    assert '"resolved"' not in (paths.DEV / "desk" / "package-lock.json").read_text()


def test_a_test_that_passes_only_at_the_second_try_is_named():
    first = outcomes.Outcome("browser", False, 300, 90, 2, 1, {"test_a::one", "test_a::two"})
    second = outcomes.Outcome("browser-again", False, 20, 1, 1, 0, {"test_a::two"})
    after = outcomes.after_second_try(first, second)
    assert (after.ok, after.passed, after.failed, after.flaky) == (False, 91, 1, ["test_a::one"])
    said = outcomes.told([after])
    assert "FLAKY: passed only at the second try: test_a::one" in said
    assert "91 passed, 1 failed, 1 skipped" in said.splitlines()


def test_a_second_try_that_did_not_try_them_all_forgives_nothing():
    first = outcomes.Outcome("browser", False, 300, 90, 2, 1, {"test_a::one", "test_a::two"})
    after = outcomes.after_second_try(first, outcomes.Outcome("browser-again", True, 1))
    assert (after.ok, after.failed, after.flaky) == (False, 2, [])
