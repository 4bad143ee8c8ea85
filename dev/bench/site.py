"""The site of an instance: its ports, its configuration and the apps on it."""

from __future__ import annotations

import json
from pathlib import Path

from dev.bench import engine, paths, ports, processes, python_env, services, stamps
from dev.bench.paths import Instance

ADMIN = "Administrator"
PASSWORD = "admin"

_PREFERRED_PORTS = {paths.DEMO: {"web": 8000}, paths.TEST: {"web": 8100}}


# ---------------------------------------------------------------- configuration


def configure(instance: Instance) -> None:
    """Ports are chosen anew for what does not run: they may have been taken in the meantime."""
    running = [name for name in ports.NAMES if name in processes.running(instance)]
    port = ports.choose(_ports_file(instance), _PREFERRED_PORTS.get(instance.name, {}), running)
    link_apps(instance, list(app_folders()))
    write_common_config(instance, port)
    _write_site_config(instance)
    _write_facts(instance)


def _ports_file(instance: Instance) -> Path:
    return instance.root / "ports.json"


def saved_ports(instance: Instance) -> dict[str, int]:
    return ports.load(_ports_file(instance))


def url(instance: Instance) -> str:
    return f"http://{ports.HOST}:{saved_ports(instance)['web']}"


def write_common_config(instance: Instance, port: dict[str, int]) -> None:
    queue = f"redis://{ports.HOST}:{port['redis_queue']}"
    config = {
        "db_host": ports.HOST,
        "db_port": port["mariadb"],
        "redis_cache": f"redis://{ports.HOST}:{port['redis_cache']}",
        "redis_queue": queue,
        "redis_socketio": queue,
        "default_site": instance.site,
        "serve_default_site": True,
        "webserver_port": port["web"],
        "developer_mode": 0,
        "mute_emails": 1,
    }
    _write_json(instance.sites / "common_site_config.json", config)


def _write_site_config(instance: Instance) -> None:
    file = instance.site_path / "site_config.json"
    changes = {"host_name": url(instance)}
    _write_json(file, json.loads(file.read_text()) | changes)


def _write_facts(instance: Instance) -> None:
    """What tests, benchmarks and the story need to know, in one file."""
    facts = {
        "url": url(instance),
        "site": instance.site,
        "user": ADMIN,
        "password": PASSWORD,
        "sites_path": str(instance.sites),
        "python": str(paths.PYTHON),
        "engine": str(python_env.engine_path()),
        "ports": saved_ports(instance),
        "logs": {name: str(processes.log_of(instance, name)) for name in services.ALL},
        "run": str(instance.run),
        "screenshots": str(instance.root / "screenshots"),
    }
    _write_json(instance.config, facts)


def _write_json(file: Path, value: object) -> None:
    text = json.dumps(value, indent=1)
    if not file.is_file() or file.read_text() != text:
        stamps.write_whole(file, text)


# ---------------------------------------------------------------- apps


def app_folders() -> dict[str, Path]:
    """In the order of installation; the folder of each holds the package of the same name."""
    folders = {"crm": paths.DEV / "crm", "trackflow": paths.CHECKOUT}
    return {app: folder for app, folder in folders.items() if (folder / app / "hooks.py").is_file()}


def link_apps(instance: Instance, apps: list[str]) -> None:
    """The engine looks for commands and patches at ../apps/<app>/<app>, seen from the sites."""
    folders = app_folders()
    home = instance.apps / paths.ENGINE
    home.mkdir(parents=True, exist_ok=True)
    _link(home / paths.ENGINE, python_env.engine_path())
    for app in apps:
        _link(instance.apps / app, folders[app])
    stamps.write_whole(instance.sites / "apps.txt", "\n".join([paths.ENGINE, *apps]) + "\n")


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def sync_apps(instance: Instance) -> str | None:
    """Install what is not installed; migrate when an app or the engine has changed since the last time."""
    engine.stop_leftovers(instance)
    state = instance.root / "apps.json"
    known = json.loads(state.read_text()) if state.is_file() else {}
    wanted = _fingerprints()
    if new := [app for app in app_folders() if app not in known]:
        _install(instance, new)
    if any(known[app] != wanted.get(app) for app in known):
        engine.run(instance, "migrate", failure="Migrating the site failed")
    _write_json(state, wanted)
    return "ready" if known == wanted else None


def _fingerprints() -> dict[str, str]:
    apps = {app: stamps.fingerprint(folder / app) for app, folder in app_folders().items()}
    return apps | {paths.ENGINE: (paths.ENV / ".stamp").read_text()}


def _install(instance: Instance, apps: list[str]) -> None:
    """An installation that was interrupted left half of its records, which the next one has to accept."""
    installing = instance.root / "installing"
    again = ["--force"] if installing.is_file() else []
    installing.touch()
    engine.run(instance, "install-app", *apps, *again, failure=f"Installing {' and '.join(apps)} failed")
    installing.unlink()


def code_fingerprint() -> str:
    """What running programs hold in memory."""
    return stamps.fingerprint(*_fingerprints().values(), paths.DEV / "engine", Path(services.__file__))


def facts(instance: Instance) -> dict[str, str]:
    """What programs that work with an instance find in their environment."""
    return {
        "TRACKFLOW_SITE": instance.site,
        "TRACKFLOW_URL": url(instance),
        "TRACKFLOW_BENCH": str(instance.config),
    }
