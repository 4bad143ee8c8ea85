"""Desk: npm's packages, the engine's bundles (built once) and the apps' bundles (built whenever they change)."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from dev.bench import commands, paths, python_env, services, site, stamps, system

_SOURCE = paths.DEV / "desk"
_MODULES = paths.DESK / "node_modules"
_ASSETS = paths.DESK / "assets"


def ensure_packages() -> str | None:
    stamp = paths.DESK / ".packages"
    wanted = stamps.fingerprint(_SOURCE / "package-lock.json")
    if stamps.is_current(stamp, wanted):
        return "ready"
    paths.DESK.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_SOURCE / name, paths.DESK / name)
    commands.run(
        [
            system.find("npm") or "npm",
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=1",
        ],
        log="npm",
        failure="Installing Desk's packages with npm failed",
        cwd=paths.DESK,
    )
    stamps.write(stamp, wanted)
    return None


def ensure_bundles() -> str | None:
    """Built beside what is in use, then switched to."""
    tools = stamps.fingerprint(_SOURCE, (paths.ENV / ".stamp").read_text())
    folders = {app: folder / app for app, folder in site.app_folders().items()}
    public = [folder / "public" for folder in folders.values() if (folder / "public").is_dir()]
    engine = _build([paths.ENGINE], folders, f"engine-{tools}")
    apps = _build(list(folders), folders, f"apps-{stamps.fingerprint(tools, *folders, *public)}")
    wanted = f"{engine.name} {apps.name}"
    if stamps.is_current(_ASSETS / ".stamp", wanted):
        return "ready"
    _publish([engine, apps])
    stamps.write(_ASSETS / ".stamp", wanted)
    for instance in paths.instances():
        services.forget_assets(instance, site.saved_ports(instance)["redis_cache"])
    return None


def _build(names: list[str], folders: dict[str, Path], target: str) -> Path:
    built = paths.DESK / "built" / target
    if built.is_dir():
        return built
    temporary = built.with_name(target + ".new")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    node = system.find("node", "nodejs") or "node"
    command = [node, _SOURCE / "build.mjs", "--modules", _MODULES, "--out", temporary]
    command += ["--engine", python_env.engine_path()]
    command += [part for app, folder in folders.items() for part in ("--app", f"{app}={folder}")]
    command += [part for name in names for part in ("--build", name)]
    commands.run(command, log=f"build-{target.split('-')[0]}", failure="Building Desk's bundles failed")
    temporary.rename(built)
    return built


def _publish(builds: list[Path]) -> None:
    _ASSETS.mkdir(exist_ok=True)
    bundles: dict[str, str] = {}
    for build in builds:
        bundles |= json.loads((build / "map.json").read_text())
        for folder in build.iterdir():
            if folder.is_dir():
                _switch_link(_ASSETS / folder.name, folder)
                if folder.name == paths.ENGINE:
                    _switch_link(_ASSETS / "frappe", folder)
    stamps.write_whole(_ASSETS / "assets.json", json.dumps(bundles, indent=1))
    stamps.write_whole(_ASSETS / "assets-rtl.json", "{}")
    for old in (paths.DESK / "built").iterdir():
        if old not in builds:
            shutil.rmtree(old)


def _switch_link(link: Path, target: Path) -> None:
    new = link.with_name(link.name + ".new")
    new.unlink(missing_ok=True)
    new.symlink_to(os.path.relpath(target, link.parent))
    new.replace(link)
