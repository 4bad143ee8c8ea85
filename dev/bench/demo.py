"""`make demo`: a running site, the story told on it, and the facts for people and for programs."""

from __future__ import annotations

import json
import subprocess

from dev.bench import lock, paths, setup, site, stamps
from dev.bench.commands import environment
from dev.bench.errors import BenchError
from dev.bench.paths import Instance
from dev.bench.progress import run_steps

_STORY = paths.DEV / "story"


def run() -> None:
    instance = paths.instance(paths.DEMO)
    with lock.hold(instance.name):
        run_steps([*setup.shared_steps(), *setup.instance_steps(instance)])
        _tell_story(instance)
        _write_facts(instance)
    print(f"\nDesk: {site.url(instance)}/app   login: {site.ADMIN}   password: {site.PASSWORD}")
    print("All of it goes on running: `make down` stops it, `make logs` shows its logs.")


def _tell_story(instance: Instance) -> None:
    if not (_STORY / "__main__.py").is_file():
        print("\n(There is no demo story in this checkout.)")
        return
    print(flush=True)
    command = [paths.PYTHON, "-m", "dev.story", "--config", instance.config]
    env = environment(site.facts(instance))
    if subprocess.call([str(part) for part in command], cwd=paths.CHECKOUT, env=env):
        raise BenchError("The demo story did not end well; the site is up, and `make logs` shows its logs.")


def _write_facts(instance: Instance) -> None:
    """The story says which links it made; the rest is known here."""
    story = instance.root / "story.json"
    links = json.loads(story.read_text()).get("links", []) if story.is_file() else []
    facts = {
        "url": site.url(instance),
        "site": instance.site,
        "user": site.ADMIN,
        "password": site.PASSWORD,
        "links": links,
    }
    stamps.write_whole(paths.HOME / "demo.json", json.dumps(facts, indent=1) + "\n")
