"""Where everything of the bench lies: in one git-ignored folder of the checkout, and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dev.bench.errors import BenchError

ENGINE = "criscostack"
CHECKOUT = Path(__file__).resolve().parents[2]
DEV = CHECKOUT / "dev"
HOME = CHECKOUT / ".bench"

BIN = HOME / "bin"
CACHE = HOME / "cache"
DESK = HOME / "desk"
ENV = HOME / "env"
LOGS = HOME / "logs"
PYTHON = ENV / "bin" / "python"
TEMPLATE = HOME / "template"

_SHARED = (BIN, CACHE, DESK, ENV, LOGS, TEMPLATE)

# The last one is for the tests in the browser when all tests run.
DEMO, TEST, BROWSER = "demo", "test", "browser"


@dataclass(frozen=True)
class Instance:
    """A site with services, database and logs of its own. Instances know nothing of each other."""

    name: str
    root: Path

    @property
    def site(self) -> str:
        return "trackflow.localhost" if self.name == DEMO else f"{self.name}.localhost"

    @property
    def sites(self) -> Path:
        return self.root / "sites"

    @property
    def site_path(self) -> Path:
        return self.sites / self.site

    @property
    def apps(self) -> Path:
        return self.root / "apps"

    @property
    def database(self) -> Path:
        return self.root / "mariadb"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def config(self) -> Path:
        return self.root / "bench.json"


def instance(name: str) -> Instance:
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name) or HOME / name in _SHARED:
        raise BenchError(f"An instance cannot be called {name!r}.")
    return Instance(name, HOME / name)


def instances() -> list[Instance]:
    """All that were ever set up here, whatever they are called."""
    return [instance(path.parent.name) for path in sorted(HOME.glob("*/bench.json"))]
