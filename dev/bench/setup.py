"""From a fresh clone to a running instance, in steps that are skipped when there is nothing to do."""

from __future__ import annotations

from collections.abc import Callable

from dev.bench import desk, lock, paths, processes, python_env, services, site, stamps, system, template
from dev.bench.paths import Instance
from dev.bench.progress import Step

_FIRST_TIME_GB, _LATER_GB = 2.0, 0.3


def shared_steps(with_browser: bool = False) -> list[Step]:
    """What all instances have in common."""
    return [
        ("System packages", _exclusive(lambda: _check_system(with_browser))),
        ("Python packages", _exclusive(python_env.ensure)),
        ("Desk packages", _exclusive(desk.ensure_packages)),
        ("Desk bundles", _exclusive(desk.ensure_bundles)),
        ("Engine's site", _exclusive(template.ensure)),
    ]


def python_steps() -> list[Step]:
    """For what runs without a site."""
    return [("Python packages", _exclusive(python_env.ensure))]


def instance_steps(instance: Instance, fresh: bool = False) -> list[Step]:
    return [
        ("Site and ports", lambda: _site(instance, fresh)),
        ("MariaDB and Redis", lambda: _stores(instance)),
        ("Apps: " + ", ".join(site.app_folders()), lambda: site.sync_apps(instance)),
        ("Web server, workers, scheduler", lambda: _programs(instance)),
    ]


def _exclusive(work: Callable[[], str | None]) -> Callable[[], str | None]:
    def locked() -> str | None:
        with lock.hold("setup"):
            return work()

    return locked


def _check_system(with_browser: bool) -> str | None:
    system.check_node()
    system.check_disk(_LATER_GB if paths.TEMPLATE.is_dir() else _FIRST_TIME_GB)
    return system.ensure(with_browser)


def _site(instance: Instance, fresh: bool) -> str:
    created = fresh or not is_created(instance)
    if created:
        template.copy_to(instance)
    site.configure(instance)
    return f"{'' if created else 'ready  '}{site.url(instance)}"


def is_created(instance: Instance) -> bool:
    return (instance.site_path / "site_config.json").is_file()


def keep(instance: Instance) -> None:
    """Tests are to use it as it is. One that merely still runs is what is left of a test run that was killed."""
    if instance.run.is_dir():
        (instance.run / "kept").touch()


def is_kept(instance: Instance) -> bool:
    return (instance.run / "kept").is_file() and bool(processes.running(instance))


def _stores(instance: Instance) -> None:
    services.start_stores(instance, site.saved_ports(instance))


def _programs(instance: Instance) -> str | None:
    """Running programs hold the code in memory: what changed must be loaded again."""
    stamp = instance.run / "code"
    wanted = site.code_fingerprint()
    if not stamps.is_current(stamp, wanted):
        services.stop_programs(instance)
    services.start_programs(instance, site.saved_ports(instance))
    stamps.write(stamp, wanted)
    return None
