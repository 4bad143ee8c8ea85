"""Work that is killed at one of its statements, in a process of its own, as an administrator may kill a worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from textwrap import indent

import trackflow
from tests import harness

# Forked by a process without connections, because starting Frappe takes a second.
PROGRAM = """
import json, os, signal, sys
import frappe

site, arguments = sys.argv[1], json.loads(sys.argv[2])

def prepare():
{prepare}

def work():
{work}

def work_until_killed(statements):
    frappe.init(site)
    frappe.connect()
    prepare()
    execute, left = frappe.db.sql, [statements]

    def count(*args, **kwargs):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*args, **kwargs)

    frappe.db.sql = count
    work()

for statements in map(int, sys.argv[3:]):
    worker = os.fork()
    if not worker:
        work_until_killed(statements)
        os._exit(0)
    state = os.waitpid(worker, 0)[1]
    if state and not os.WIFSIGNALED(state):
        sys.exit("The work failed before it was killed")
    print(os.WIFSIGNALED(state), flush=True)
"""


def run(work: str, statements: Iterable[int], *arguments: str, prepare: str = "pass") -> list[bool]:
    """Do ``work`` once for each number, killed after so many statements; say which were killed before they were done.

    work and prepare: Python that finds ``arguments`` in a list of that name. prepare comes before each, and does not count.
    """
    program = PROGRAM.format(prepare=indent(prepare, "    "), work=indent(work, "    "))
    # The app under test is the one that the tests have, also where another is installed.
    path = str(Path(trackflow.__file__).resolve().parents[1])
    done = subprocess.run(
        [sys.executable, "-c", program, harness.SITE, json.dumps(arguments), *map(str, statements)],
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": path}, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [line == "True" for line in done.stdout.split()]
