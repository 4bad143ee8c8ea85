"""A site with nothing but the engine, of which every instance gets a copy.

Creating a site takes longer than all else together, and the engine's part of it is always the same.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from dev.bench import engine, paths, ports, services, site, stamps
from dev.bench.paths import Instance

_DATABASE = "trackflow"
# Whatever is lost with the power is built anew.
_IN_A_HURRY = (
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--skip-innodb-doublewrite",
)
_STAMP = paths.TEMPLATE / ".stamp"


def _fingerprint() -> str:
    prepare = paths.DEV / "engine" / "prepare.py"
    return stamps.fingerprint((paths.ENV / ".stamp").read_text(), Path(__file__), prepare)


def is_ready() -> bool:
    return stamps.is_current(_STAMP, _fingerprint())


def ensure() -> str | None:
    if is_ready():
        return "ready"
    building = Instance(paths.TEMPLATE.name, paths.HOME / "template.new")
    services.remove(building.root)
    services.remove(paths.TEMPLATE)
    try:
        _build(building)
    finally:
        services.stop_all(building)
    for rest in (building.run, building.apps, building.redis, building.logs, building.root / "tmp"):
        shutil.rmtree(rest)
    (building.root / "ports.json").unlink()
    (building.sites / "assets").rmdir()
    stamps.write(building.root / _STAMP.name, _fingerprint())
    building.root.rename(paths.TEMPLATE)
    return None


def _build(instance: Instance) -> None:
    services.create_database_folder(instance)
    (instance.sites / "assets").mkdir(parents=True)
    site.link_apps(instance, [])
    port = ports.choose(instance.root / "ports.json", {})
    site.write_common_config(instance, port)
    services.start_stores(instance, port, *_IN_A_HURRY)
    engine.run(
        instance,
        "new-site",
        instance.site,
        f"--db-name={_DATABASE}",
        f"--db-root-password={services.password_file(instance).read_text()}",
        f"--admin-password={site.PASSWORD}",
        "--no-mariadb-socket",
        failure="Creating a site with the engine failed",
    )
    engine.run_module(instance, "dev.engine.prepare", failure="Preparing the engine's site failed")


def copy_to(instance: Instance) -> None:
    """Copied aside and renamed, so that half a copy is never taken for a site."""
    copy = Instance(instance.name, paths.HOME / f"{instance.name}.new")
    services.remove(copy.root)
    services.remove(instance.root)
    shutil.copytree(paths.TEMPLATE, copy.root, symlinks=True)
    (copy.root / _STAMP.name).unlink()
    (copy.sites / f"{paths.TEMPLATE.name}.localhost").rename(copy.site_path)
    (copy.sites / "assets").symlink_to(Path("../../desk/assets"))
    copy.logs.mkdir()
    copy.root.rename(instance.root)
