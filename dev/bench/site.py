"""The sites: a template with nothing but the engine, copies of it, and the apps on each copy.

Creating a site takes longer than all else together, and the engine's part of it is always the same.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

from dev.bench import commands, paths, ports, processes, python_env, services, stamps
from dev.bench.paths import Instance

ADMIN = "Administrator"
PASSWORD = "admin"  # noqa: S105 - the site listens on this machine alone
DATABASE = "trackflow"
PREFERRED_PORTS = {paths.DEMO: {"web": 8000}, paths.TEST: {"web": 8100}}

_APP_SUFFIXES = (".py", ".json", ".txt", ".csv", ".html", ".md", ".js", ".css", ".svg", ".po")


# ---------------------------------------------------------------- the template


def template_fingerprint() -> str:
    engine = paths.DEV / "engine"
    return stamps.fingerprint(
        (paths.ENV / ".stamp").read_text(), Path(services.__file__), Path(__file__), engine
    )


def ensure_template() -> str | None:
    if stamps.is_current(paths.TEMPLATE / ".stamp", template_fingerprint()):
        return "ready"
    building = Instance("template", paths.HOME / "template.new")
    services.remove(building.root)
    services.remove(paths.TEMPLATE)
    try:
        _build_template(building)
    finally:
        services.stop_all(building)
    for rest in (building.run, building.logs, building.apps, building.root / "ports.json"):
        shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
    stamps.write(building.root / ".stamp", template_fingerprint())
    building.root.rename(paths.TEMPLATE)
    return None


def _build_template(instance: Instance) -> None:
    services.create_database_folder(instance)
    (instance.sites / "assets").mkdir(parents=True)
    link_apps(instance, [])
    port = ports.choose(instance.root / "ports.json", {})
    write_common_config(instance, port)
    services.start_stores(instance, port)
    engine(
        instance,
        "new-site",
        instance.site,
        f"--db-name={DATABASE}",
        f"--db-root-password={services.password_file(instance).read_text()}",
        f"--admin-password={PASSWORD}",
        "--no-mariadb-socket",
        failure="Creating a site with the engine failed",
    )
    run_python(instance, "dev.engine.prepare", log="prepare", failure="Preparing the engine's site failed")
    (instance.sites / "assets").rmdir()


# ---------------------------------------------------------------- an instance


def create(instance: Instance) -> None:
    """Copied aside and renamed, so that half a copy is never taken for a site."""
    copy = Instance(instance.name, paths.HOME / f"{instance.name}.new")
    services.remove(copy.root)
    services.remove(instance.root)
    shutil.copytree(paths.TEMPLATE, copy.root, symlinks=True)
    (copy.sites / "template.localhost").rename(copy.site_path)
    (copy.sites / "assets").symlink_to(paths.DESK / "assets")
    copy.logs.mkdir()
    copy.root.rename(instance.root)


def configure(instance: Instance, apps: list[str]) -> dict[str, int]:
    """Ports are chosen anew unless the instance runs: they may have been taken in the meantime."""
    file = instance.root / "ports.json"
    if file.is_file() and set(services.STORES) & set(processes.running(instance)):
        port = saved_ports(instance)
    else:
        port = ports.choose(file, PREFERRED_PORTS.get(instance.name, {}))
    link_apps(instance, apps)
    write_common_config(instance, port)
    _write_site_config(instance, port)
    _write_facts(instance, port)
    return port


def saved_ports(instance: Instance) -> dict[str, int]:
    return json.loads((instance.root / "ports.json").read_text())


def url(port: dict[str, int]) -> str:
    return f"http://{ports.HOST}:{port['web']}"


def write_common_config(instance: Instance, port: dict[str, int]) -> None:
    queue = f"redis://{ports.HOST}:{port['redis_queue']}"
    config = {
        "db_host": ports.HOST,
        "db_port": port["database"],
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


def _write_site_config(instance: Instance, port: dict[str, int]) -> None:
    file = instance.site_path / "site_config.json"
    config = json.loads(file.read_text())
    changes = {"host_name": url(port), "allow_tests": instance.name != paths.DEMO}
    _write_json(file, config | changes)


def _write_facts(instance: Instance, port: dict[str, int]) -> None:
    """What tests, benchmarks and the story need to know, in one file."""
    facts = {
        "url": url(port),
        "site": instance.site,
        "user": ADMIN,
        "password": PASSWORD,
        "sites_path": str(instance.sites),
        "python": str(paths.PYTHON),
        "engine": str(python_env.engine_path()),
        "ports": port,
        "logs": {
            name: str(processes.log_of(instance, name)) for name in (*services.STORES, *services.PROGRAMS)
        },
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
    engine_home = instance.apps / paths.ENGINE
    engine_home.mkdir(parents=True, exist_ok=True)
    _link(engine_home / paths.ENGINE, python_env.engine_path())
    for app in apps:
        _link(instance.apps / app, folders[app])
    instance.sites.mkdir(exist_ok=True)
    stamps.write_whole(instance.sites / "apps.txt", "\n".join([paths.ENGINE, *apps]) + "\n")


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def app_fingerprints() -> dict[str, str]:
    result = {}
    for app, folder in app_folders().items():
        files = stamps.files_under(folder / app, _APP_SUFFIXES)
        result[app] = stamps.fingerprint(*(part for file in files for part in (str(file), file)))
    return result


def sync_apps(instance: Instance) -> str | None:
    """Install what is not installed; migrate when an app has changed since the last time."""
    state = instance.root / "apps.json"
    installing = instance.root / "installing"
    known = json.loads(state.read_text()) if state.is_file() else {}
    wanted = app_fingerprints()
    # an installation that was interrupted left half of its records
    again = ["--force"] if installing.is_file() else []
    new = [app for app in wanted if app not in known]
    if new:
        installing.touch()
        engine(instance, "install-app", *new, *again, failure=f"Installing {' and '.join(new)} failed")
    if any(known[app] != wanted[app] for app in known if app in wanted):
        engine(instance, "migrate", failure="Migrating the site failed")
    _write_json(state, wanted)
    installing.unlink(missing_ok=True)
    return "ready" if known == wanted else None


def code_fingerprint() -> str:
    """What running programs hold in memory."""
    return stamps.fingerprint(*app_fingerprints().values(), paths.DEV / "engine", Path(services.__file__))


# ---------------------------------------------------------------- running the engine


def engine(instance: Instance, *arguments: str, failure: str) -> None:
    site_option = [] if arguments[0] == "new-site" else arguments
    command = (
        services.engine_command(instance, *arguments) if site_option else _new_site(instance, *arguments)
    )
    commands.run(
        command, log=arguments[0], failure=failure, cwd=instance.sites, log_folder=_log_folder(instance)
    )


def _new_site(instance: Instance, *arguments: str) -> list[str | Path]:
    # with --site the engine would look for the site that is about to be made
    command = services.engine_command(instance, *arguments)
    del command[4:6]
    return command


def run_python(instance: Instance, module: str, log: str, failure: str) -> None:
    command: list[str | Path] = [paths.PYTHON, "-m", module, instance.site]
    commands.run(command, log=log, failure=failure, cwd=instance.sites, log_folder=_log_folder(instance))


def _log_folder(instance: Instance) -> Path:
    return paths.LOGS if instance.name == "template" else instance.logs


def forget_assets(instance: Instance) -> None:
    if "redis_cache" in processes.running(instance):
        with suppress(OSError):
            services.clear_cached_assets(saved_ports(instance)["redis_cache"])
