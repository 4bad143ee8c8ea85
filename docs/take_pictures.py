"""Take the pictures of the README from a site on which the demo story was told.

    make demo && .bench/env/bin/python docs/take_pictures.py

Needs Chromium. --config names another site's bench.json; the story.json beside it says what there is to see.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).resolve().parent
IMAGES = DOCS / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTH = 1200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=DOCS.parent / ".bench" / "demo" / "bench.json")
    config = parser.parse_args().config
    site = json.loads(config.read_text())
    story = json.loads(config.with_name("story.json").read_text())
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        context = browser.new_context(base_url=site["url"], viewport={"width": WIDTH, "height": 800})
        page = context.new_page()
        _log_in(page, site)
        _take_all(page, story)
        browser.close()
    return 0


def _log_in(page: Any, site: dict[str, str]) -> None:
    login = {"usr": site["user"], "pwd": site["password"]}
    answer = page.request.post("/api/method/login", form=login)
    if not answer.ok:
        sys.exit(f"Could not log in at {site['url']}: {answer.status}")
    page.goto("/app")
    page.wait_for_function("window.frappe && frappe.boot && frappe.router && frappe.router.current_route")


def _take_all(page: Any, story: dict[str, Any]) -> None:
    _open_workspace(page)
    _take(page, "workspace", 600)
    _open_form(page, "Tracked Link", _link_of(page, story["links"][0]))
    _take(page, "tracked-link", 930)
    _open_form(page, "Link Campaign", story["campaigns"][1])
    _take(page, "campaign", 980)
    _open_form(page, "CRM Lead", story["leads"][0])
    page.get_by_text("TrackFlow", exact=True).locator("visible=true").last.click()
    _take(page, "lead", 640)
    _open_form(page, "Deal Attribution", f"{story['deal']}-Linear")
    _take(page, "deal-attribution", 760)


def _link_of(page: Any, short_url: str) -> str:
    query = {"filters": json.dumps({"short_code": short_url.rpartition("/")[2]})}
    return page.request.get("/api/resource/Tracked Link", params=query).json()["data"][0]["name"]


def _open_workspace(page: Any) -> None:
    page.evaluate("() => frappe.set_route('Workspaces', 'TrackFlow')")
    page.get_by_text("Credit for Deals", exact=True).wait_for()
    _settle(page)


def _open_form(page: Any, doctype: str, name: str) -> None:
    page.evaluate("route => frappe.set_route('Form', ...route)", [doctype, name])
    page.wait_for_function(
        "([doctype, name]) => window.cur_frm && cur_frm.doctype === doctype && cur_frm.docname === name",
        arg=[doctype, name],
    )
    _settle(page)


def _settle(page: Any) -> None:
    for _look in range(3):
        page.wait_for_timeout(400)
        page.wait_for_function("!frappe.request.ajax_count")


def _take(page: Any, name: str, height: int) -> None:
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.wait_for_timeout(500)
    file = IMAGES / f"{name}.png"
    page.screenshot(path=file)
    print(f"{file.relative_to(DOCS.parent)}: {file.stat().st_size // 1024} kB")


if __name__ == "__main__":
    sys.exit(main())
