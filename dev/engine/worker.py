"""A background worker that has loaded what its jobs need before it forks for each of them.

The engine's own loads all of that again in each job, which takes a second of computing where the job itself takes
milliseconds. Worker pools of newer versions do the same.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

from criscostack.utils.background_jobs import start_worker

APPS = ("trackflow", "crm")
# What saving documents and sending answers loads on the way.
ENGINE = (
    "core.doctype.file.file",
    "core.doctype.server_script.server_script_utils",
    "core.doctype.user.user",
    "core.doctype.version.version",
    "database.mariadb.database",
    "database.query",
    "desk.form.load",
    "desk.notifications",
    "email.doctype.notification.notification",
    "model.document",
    "model.rename_doc",
    "utils.global_search",
    "utils.safe_exec",
    "website.doctype.web_page_view.web_page_view",
    "www.printview",
)


def preload() -> None:
    """Import modules only: no connection may be shared with the children."""
    for name in ENGINE:
        importlib.import_module(f"criscostack.{name}")
    for app in APPS:
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".patches" not in module.name:
                importlib.import_module(module.name)


if __name__ == "__main__":
    preload()
    start_worker(queue=sys.argv[1])
