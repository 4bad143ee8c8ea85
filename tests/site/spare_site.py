"""A local bench of its own for tests that would leave the others' site in ruins."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests import harness

REASON = "Apps come and go only on a site that the local bench makes for it (TRACKFLOW_BENCH is not set)."


class SpareSite:
    """A site without any app, in an instance that has database and Redis and no other programs."""

    def __init__(self) -> None:
        from dev.bench import paths

        self.instance = paths.instance(f"{harness.SITE.partition('.')[0]}-install")

    def install(self, app: str) -> None:
        self.run("install-app", app)

    def uninstall(self, app: str) -> None:
        self.run("uninstall-app", app, "--yes", "--no-backup")

    def migrate(self) -> None:
        self.run("migrate")

    def run(self, *arguments: str) -> None:
        from dev.bench import engine

        engine.run(self.instance, *arguments, failure=f"{' '.join(arguments)} failed")

    def probe(self, *actions: str) -> dict[str, Any]:
        """What install_probe has to say after these actions."""
        from dev.bench import commands, paths, site

        result = subprocess.run(
            [str(paths.PYTHON), "-m", "tests.site.install_probe", self.instance.site, *actions],
            cwd=self.instance.sites,
            env=commands.environment({**site.facts(self.instance), "PYTHONPATH": str(paths.CHECKOUT)}),
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, f"{actions}: {result.stdout[-2000:]}\n{result.stderr[-4000:]}"
        return json.loads(result.stdout.splitlines()[-1])


@contextmanager
def spare_site() -> Iterator[SpareSite]:
    from dev.bench import lock, services, site, template

    spare = SpareSite()
    instance = spare.instance
    with lock.hold(instance.name):
        services.remove(instance.root)
        try:
            template.copy_to(instance)
            site.configure(instance)
            services.start_stores(instance, site.saved_ports(instance))
            yield spare
        finally:
            services.remove(instance.root)
