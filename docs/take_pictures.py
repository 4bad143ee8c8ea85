"""Take the pictures of the README and the guides from a site on which the demo story was told.

    make demo && .bench/env/bin/python docs/take_pictures.py [NAME ...]

Needs Chromium. --config names another site's bench.json; the story.json beside it says what there is to see.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dev.story.plot import MANAGER, SALESPERSON, STAFF_PASSWORD, Employee
from dev.story.prospects import PROSPECTS

DOCS = Path(__file__).resolve().parent
IMAGES = DOCS / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTH, PHONE = 1200, 390
# Few enough for a small file, and more than Desk has.
COLOURS = 128
# Of Desk, in pixels: the page's head stays on top when one scrolls.
HEAD = 125
WHO_CAME_OFTEN = max(PROSPECTS, key=lambda one: (bool(one.stage), len(one.steps))).lead["email"]


@dataclass(frozen=True)
class Picture:
    """show: brings a page of Desk to what is to be seen, given what the story left. user: None is the administrator."""

    show: Callable[[Any, Any], None]
    height: int
    user: Employee | None = MANAGER
    width: int = WIDTH
    dark: bool = False


class Story:
    """What the story left on the site."""

    def __init__(self, page: Any, told: dict[str, Any]) -> None:
        self.campaign = told["campaigns"][1]
        self.newsletter, _prices, _demo, self.poster, self.advert, _winter = (
            _find(page, "Tracked Link", short_code=short_url.rpartition("/")[2])
            for short_url in told["links"]
        )
        self.short_url, self.template = told["links"][0], "Newsletter page"
        self.lead = _find(page, "CRM Lead", email=WHO_CAME_OFTEN)
        self.deal, self.visitor = (
            _find(page, "CRM Deal", lead=self.lead),
            _find(page, "Visitor", crm_lead=self.lead),
        )


def _find(page: Any, doctype: str, **key: str) -> str:
    answer = page.request.get(f"/api/resource/{doctype}", params={"filters": json.dumps(key)})
    return answer.json()["data"][0]["name"]


# ---------------------------------------------------------------- going somewhere


def _open(page: Any, path: str) -> None:
    page.goto(path)
    _settle(page)


def _form(page: Any, doctype: str, name: str, section: str = "") -> None:
    slug = doctype.lower().replace(" ", "-")
    page.goto(f"/app/{slug}/{name}")
    page.wait_for_function("name => window.cur_frm && String(cur_frm.docname) === name", arg=name)
    _settle(page)
    if section:
        _scroll(page, section)


def _tab(page: Any, label: str) -> None:
    page.get_by_role("tab", name=label).locator("visible=true").click()
    _settle(page)


def _scroll(page: Any, section: str) -> None:
    """Put a section of a form right below the page's head."""
    # Charts are drawn once they are in sight, and push what is below.
    for _time in range(3):
        head = page.locator(".section-head").get_by_text(section, exact=True).locator("visible=true").first
        head.evaluate("(head, top) => window.scrollBy(0, head.getBoundingClientRect().top - top)", HEAD)
        page.wait_for_timeout(700)


def _report(page: Any, name: str, **filters: str) -> None:
    _open(page, f"/app/query-report/{name}?{urlencode(filters)}")
    page.wait_for_function(
        "[...document.querySelectorAll('.dt-row-0 .dt-cell__content')].some(c => c.innerText.trim())"
    )
    page.wait_for_timeout(1_500)


def _click(page: Any, text: str) -> None:
    page.get_by_text(text, exact=True).locator("visible=true").first.click()
    _settle(page)


def _settle(page: Any) -> None:
    page.wait_for_function("!window.frappe || !frappe.request || !frappe.request.ajax_count")
    page.wait_for_timeout(900)
    page.wait_for_function("!window.frappe || !frappe.request || !frappe.request.ajax_count")


# ---------------------------------------------------------------- what is to be seen


def _workspace(page: Any, _story: Story) -> None:
    # The first time charts are drawn from what Frappe remembers of them.
    for _time in range(2):
        _open(page, "/app/trackflow")
        page.wait_for_timeout(4_000)


def _dashboard(page: Any, _story: Story) -> None:
    _open(page, "/app/trackflow-dashboard")
    page.locator(".tfd-value").first.wait_for()
    page.wait_for_timeout(1_500)


def _calendar(page: Any, _story: Story) -> None:
    _open(page, "/app/link-campaign/view/calendar/default")
    page.wait_for_timeout(1_500)


def _from_template(page: Any, story: Story) -> None:
    _form(page, "Link Template", story.template)
    _click(page, "Create Link")
    page.locator(".modal:visible [data-fieldname=value_page] input").fill("offers/spring")
    page.wait_for_timeout(1_500)


def _qr_codes(page: Any, story: Story) -> None:
    _form(page, "Tracked Link", story.poster)
    _click(page, "Other Size...")
    page.wait_for_timeout(1_500)


def _import(page: Any, story: Story) -> None:
    """The preview of an import that is never started, and does not stay."""
    code = story.short_url.rpartition("/")[2]
    rows = [
        "destination_url,short_code,title,medium",
        "https://shop.example.com/shoes,shoes,Shoes,email",
        "https://shop.example.com/hats,hats,Hats,email",
        f"https://shop.example.com/bags,{code},Bags,email",
        "shop.example.com/belts,belts,Belts,email",
    ]
    values = {"campaign": story.campaign, "import_format": "CSV", "pasted_text": "\n".join(rows)}
    _open(page, "/app")
    name = page.evaluate(
        "values => frappe.db.insert(values).then(doc => doc.name)", {"doctype": "Link Import"} | values
    )
    _form(page, "Link Import", name)
    _click(page, "Preview")
    page.wait_for_timeout(1_500)
    _scroll(page, "For All Links")
    page.evaluate("name => frappe.db.delete_doc('Link Import', name)", name)


def _lead(page: Any, story: Story) -> None:
    _form(page, "CRM Lead", story.lead)
    _tab(page, "TrackFlow")
    _scroll(page, "Journey and Credit")


def _deal(page: Any, story: Story) -> None:
    _form(page, "CRM Deal", story.deal)
    _tab(page, "TrackFlow")
    _scroll(page, "Journey and Credit")


def _paper(page: Any, story: Story) -> None:
    asked = {"doctype": "Link Campaign", "name": story.campaign, "format": "Campaign Report"}
    page.goto(f"/printview?{urlencode(asked)}")
    page.wait_for_timeout(1_500)


def _preview(page: Any, story: Story) -> None:
    page.goto(f"{story.short_url}+")


PICTURES = {
    "workspace": Picture(_workspace, 860),
    "dashboard": Picture(_dashboard, 980),
    "dashboard-phone": Picture(_dashboard, 800, width=PHONE, dark=True),
    "campaign": Picture(lambda page, story: _form(page, "Link Campaign", story.campaign), 780),
    "campaign-results": Picture(
        lambda page, story: _form(page, "Link Campaign", story.campaign, "The Last 90 Days"), 760
    ),
    "calendar": Picture(_calendar, 820),
    "tracked-link": Picture(lambda page, story: _form(page, "Tracked Link", story.newsletter), 800),
    "link-results": Picture(
        lambda page, story: _form(page, "Tracked Link", story.newsletter, "The Last 30 Days"), 860
    ),
    "targeting": Picture(
        lambda page, story: _form(page, "Tracked Link", story.poster, "Targeting Rules"), 520
    ),
    "variants": Picture(lambda page, story: _form(page, "Tracked Link", story.advert, "Variants"), 460),
    "template": Picture(_from_template, 760),
    "import": Picture(_import, 640),
    "qr-codes": Picture(_qr_codes, 760),
    "preview": Picture(_preview, 460),
    "visitor": Picture(lambda page, story: _form(page, "Visitor", story.visitor, "Journey"), 760),
    "lead": Picture(_lead, 620, SALESPERSON),
    "deal": Picture(_deal, 980, SALESPERSON),
    "deal-attribution": Picture(
        lambda page, story: _form(page, "Deal Attribution", f"{story.deal}-Linear"), 760
    ),
    "attribution-model": Picture(
        lambda page, _story: _form(page, "Attribution Model", "Position Based", "Worked Example"), 560
    ),
    "report-campaigns": Picture(lambda page, _story: _report(page, "Campaign Performance"), 900),
    "report-channels": Picture(lambda page, _story: _report(page, "Channel Overview"), 860),
    "report-variants": Picture(
        lambda page, story: _report(page, "Variant Test", tracked_link=story.advert), 800
    ),
    "settings-tracker": Picture(
        lambda page, _story: _form(page, "TrackFlow Settings", "TrackFlow Settings", "Browser Tracker"),
        520,
        None,
    ),
    "campaign-report": Picture(_paper, 1_000),
}


# ---------------------------------------------------------------- taking them


def main() -> int:
    options = _options()
    site = json.loads(options.config.read_text())
    told = json.loads(options.config.with_name("story.json").read_text())
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for name in options.names or PICTURES:
            _take(browser, site, told, name)
        browser.close()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="of pictures; all if there is none")
    parser.add_argument("--config", type=Path, default=DOCS.parent / ".bench" / "demo" / "bench.json")
    return parser.parse_args()


def _take(browser: Any, site: dict[str, str], told: dict[str, Any], name: str) -> None:
    picture = PICTURES[name]
    size = {"width": picture.width, "height": picture.height}
    context = browser.new_context(base_url=site["url"], viewport=size, reduced_motion="reduce")
    page = context.new_page()
    _log_in(page, site["user"], site["password"])
    story = Story(page, told)
    if picture.user:
        _log_in(page, picture.user.email, STAFF_PASSWORD)
    picture.show(page, story)
    if picture.dark:
        page.evaluate("() => document.documentElement.setAttribute('data-theme', 'dark')")
        page.wait_for_timeout(800)
    _keep(page.screenshot(), IMAGES / f"{name}.png")
    context.close()


def _log_in(page: Any, user: str, password: str) -> None:
    answer = page.request.post("/api/method/login", form={"usr": user, "pwd": password})
    if not answer.ok:
        sys.exit(f"{user} could not log in: {answer.status}")


def _keep(taken: bytes, file: Path) -> None:
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    picture.quantize(COLOURS).save(file, optimize=True)
    print(f"{file.relative_to(DOCS.parent)}: {file.stat().st_size // 1024} kB")


if __name__ == "__main__":
    sys.exit(main())
