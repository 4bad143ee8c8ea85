"""Run all benchmarks against the site that TRACKFLOW_SITE and TRACKFLOW_URL name; with the argument ``long`` the one
that takes minutes.

Inside a real bench this is started in its sites folder; for the local one TRACKFLOW_BENCH names a file that
says where that is.
"""

import json
import os
import sys
import time
from pathlib import Path

import frappe

from benchmarks import attribution, drain, million, rebuild, redirect, saves
from trackflow import ingest

# A million take some minutes: python -m benchmarks.attribution
ATTRIBUTED_JOURNEYS = 50_000


def main() -> int:
    site, url = os.environ.get("TRACKFLOW_SITE"), os.environ.get("TRACKFLOW_URL")
    if not site or not url:
        print("Set TRACKFLOW_SITE and TRACKFLOW_URL, or run make bench.")
        return 1
    if facts := os.environ.get("TRACKFLOW_BENCH"):
        os.chdir(json.loads(Path(facts).read_text())["sites_path"])
    frappe.init(site=site, sites_path=".")
    frappe.connect()
    frappe.set_user("Administrator")
    if sys.argv[1:] == ["long"]:
        million.report()
    elif sys.argv[1:] == ["filled"]:
        million.report_filled()
    else:
        _short(url)
    return 0


def _short(url: str) -> None:
    attribution.report(ATTRIBUTED_JOURNEYS)
    print("Redirect (8 connections, each request a new visitor; a plain link, and one with all features)")
    result = redirect.run(url)
    print(
        f"  median: {result['redirect']:.0f} redirects/s, {result['ratio']:.2f} of a ping ({result['ping']:.0f}/s)"
    )
    print(f"  a link with {redirect.FEATURES}: {result['ratio_full']:.2f} of a ping")
    print(f"  with the drain at work on the same cores: {result['ratio_with_drain']:.2f} of a ping")
    _check_all_arrived(result)
    saves.report()
    rebuild.report()
    print("Drain (one worker)")
    result = drain.run()
    print(
        f"  {result['clicks_per_second']:.0f} clicks/s, {result['ratio']:.2f} of bare inserts ({result['floor']:.0f}/s)"
    )


def _check_all_arrived(result: dict) -> None:
    """Speed counts only if every click that was answered is there."""
    until = time.monotonic() + 120
    arrived = -1
    while arrived < result["clicks"] and time.monotonic() < until:
        ingest.drain()
        frappe.db.rollback()
        arrived = frappe.db.count("Click Event", {"tracked_link": ("in", result["links"])})
    print(f"  {result['clicks']} clicks answered, {arrived} events")
    if arrived != result["clicks"]:
        raise RuntimeError("clicks were lost or doubled")


if __name__ == "__main__":
    sys.exit(main())
