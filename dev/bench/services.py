"""The programs of an instance: MariaDB, two Redis, the web server, the workers and the scheduler."""

from __future__ import annotations

import http.client
import os
import secrets
import shutil
import socket
from contextlib import closing, suppress
from pathlib import Path

from dev.bench import commands, engine, paths, ports, processes, system
from dev.bench.errors import BenchError
from dev.bench.paths import Instance

WEB_WORKERS, WEB_THREADS, JOB_WORKERS = 2, 4, 2

STORES = ("mariadb", "redis_cache", "redis_queue")
PROGRAMS = ("web", *(f"worker_{number}" for number in range(1, JOB_WORKERS + 1)), "scheduler")
ALL = (*STORES, *PROGRAMS)


# ---------------------------------------------------------------- MariaDB and Redis


def create_database_folder(instance: Instance) -> None:
    instance.database.mkdir(parents=True)
    commands.run(
        [
            system.find("mariadb-install-db", "mysql_install_db") or "mariadb-install-db",
            "--no-defaults",
            # relative, because this is a shell script that forgets to quote the path
            "--datadir=.",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            *_as_user(),
        ],
        log="mariadb-install-db",
        failure="Setting up MariaDB's data folder failed",
        cwd=instance.database,
    )
    password_file(instance).touch(mode=0o600)
    password_file(instance).write_text(secrets.token_hex(16))


def password_file(instance: Instance) -> Path:
    return instance.root / "database_password"


def start_stores(instance: Instance, port: dict[str, int], *options: str) -> None:
    """`options` are MariaDB's."""
    running = processes.running(instance)
    started = []
    for name in STORES:
        if name not in running:
            started.append((_start_store(instance, name, port[name], options), port[name]))
    for process, number in started:
        processes.wait_ready(instance, process, lambda number=number: _answers(number))


def _start_store(instance: Instance, name: str, port: int, options: tuple[str, ...]) -> processes.Process:
    if name == "mariadb":
        return _start_mariadb(instance, name, port, *options)
    return _start_redis(instance, name, port)


def _start_mariadb(instance: Instance, name: str, port: int, *options: str) -> processes.Process:
    """Nothing of the machine's own configuration, and no socket path: those may be 107 characters at most."""
    scratch = instance.root / "tmp"
    scratch.mkdir(exist_ok=True)
    command = [
        system.mariadb_server() or "mariadbd",
        "--no-defaults",
        f"--datadir={instance.database}",
        "--socket=mariadb.sock",
        f"--pid-file={instance.run / 'mariadb.pid'}",
        f"--tmpdir={scratch}",
        f"--init-file={_root_login(instance)}",
        f"--bind-address={ports.HOST}",
        f"--port={port}",
        "--skip-name-resolve",
        "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_unicode_ci",
        "--default-time-zone=+00:00",
        "--innodb-buffer-pool-size=256M",
        "--innodb-log-file-size=48M",
        "--max-allowed-packet=64M",
        *options,
        *_as_user(),
    ]
    return processes.start(instance, name, command, cwd=instance.database)


def _root_login(instance: Instance) -> Path:
    """Root comes in over TCP with a password that only this folder knows."""
    file = instance.root / "database_init.sql"
    password = password_file(instance).read_text()
    file.touch(mode=0o600)
    file.write_text(
        f"CREATE OR REPLACE USER root@'{ports.HOST}' IDENTIFIED BY '{password}';\n"
        f"GRANT ALL ON *.* TO root@'{ports.HOST}' WITH GRANT OPTION;\n"
    )
    return file


def _as_user() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


def _start_redis(instance: Instance, name: str, port: int) -> processes.Process:
    folder = instance.redis / name
    folder.mkdir(parents=True, exist_ok=True)
    # the queue survives a restart, the cache has a size
    kind = ["--save", "60 1"] if name == "redis_queue" else ["--save", "", "--maxmemory", "256mb"]
    policy = ["--maxmemory-policy", "noeviction" if name == "redis_queue" else "allkeys-lru"]
    # a process that rewrites its title also overwrites the environment that marks it as ours
    options = ["--bind", ports.HOST, "--port", str(port), "--dir", str(folder), "--set-proc-title", "no"]
    return processes.start(instance, name, [paths.BIN / "redis-server", *options, *kind, *policy], cwd=folder)


def forget_assets(instance: Instance, port: int) -> None:
    """The engine keeps the list of bundles in Redis, where a new build would not be seen."""
    if "redis_cache" in processes.running(instance):
        with (
            suppress(OSError),
            closing(socket.create_connection((ports.HOST, port), timeout=5)) as connection,
        ):
            connection.sendall(b"DEL assets_json\r\n")
            connection.recv(64)


def _answers(port: int) -> bool:
    try:
        with closing(socket.create_connection((ports.HOST, port), timeout=1)):
            return True
    except OSError:
        return False


# ---------------------------------------------------------------- web server, workers, scheduler


def start_programs(instance: Instance, port: dict[str, int]) -> None:
    running = processes.running(instance)
    if "web" not in running:
        check_free(port["web"])
    env = {"TRACKFLOW_SITE": instance.site}
    started = {
        name: processes.start(instance, name, _command(instance, name, port["web"]), instance.sites, env)
        for name in PROGRAMS
        if name not in running
    }
    if "web" in started:
        processes.wait_ready(instance, started["web"], lambda: _pings(port["web"]))


def check_free(port: int) -> None:
    """Raise BenchError if another program listens there by now: its answers would pass for those of the site."""
    if not ports.is_free(port):
        raise BenchError(
            f"Another program has taken port {port} meanwhile. Run the command again; it chooses another."
        )


def _command(instance: Instance, name: str, web_port: int) -> list[str | Path]:
    if name == "scheduler":
        return engine.command(instance, "schedule")
    if name.startswith("worker"):
        return [paths.PYTHON, "-m", "dev.engine.worker", "short,default,long"]
    options = ["--worker-class", "gthread", "--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)]
    limits = [
        "--timeout",
        "120",
        "--graceful-timeout",
        "5",
        "--preload",
        "--worker-tmp-dir",
        str(instance.run),
    ]
    bind = ["--bind", f"{ports.HOST}:{web_port}"]
    return [paths.PYTHON, "-m", "gunicorn", *bind, *options, *limits, "dev.engine.web:application"]


def _pings(port: int) -> bool:
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=30)
    try:
        connection.request("GET", "/api/method/ping")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


# ---------------------------------------------------------------- the end


def stop_programs(instance: Instance) -> None:
    processes.stop(instance, PROGRAMS, patience=10)


def stop_all(instance: Instance) -> bool:
    """True if anything ran. The stores go last: who uses them should not see them vanish."""
    ran = bool(processes.running(instance))
    stop_programs(instance)
    processes.stop(instance, STORES, patience=30)
    return processes.stop_strays(instance.root) or ran


def remove(folder: Path) -> None:
    """Stops what an interrupted run may have left running in a folder before the folder goes."""
    if folder.exists():
        stop_all(Instance(folder.name, folder))
        shutil.rmtree(folder)
