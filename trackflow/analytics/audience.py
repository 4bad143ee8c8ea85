"""Who clicks: countries, devices and referrers of the latest clicks, and what is happening right now."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

import frappe
from frappe import _
from frappe.utils import now_datetime

from trackflow.analytics import access
from trackflow.analytics.periods import Period
from trackflow.domain.clicks import Verdict
from trackflow.domain.links import Utm
from trackflow.domain.touchpoints import origin

# As many as are read in some hundredths of a second, however many there are.
LATEST = 5_000
ROWS = 6
NOW_MINUTES, NOW_CLICKS = 30, 8
PARTS = ("country", "device_type", "referrer")


def parts(period: Period, links: Sequence[str] | None = None) -> dict:
    """Return ``{"counted", "parts"}``: the latest clicks by people in the period (on ``links``, or on all), at most 5,000, and
    what ``told`` says of them.
    """
    event = frappe.qb.DocType("Click Event")
    query = frappe.qb.from_(event).select(*(event[name] for name in PARTS))
    query = access.only(query.where(event.verdict == Verdict.HUMAN.value), event.campaign, event.tracked_link)
    if period:
        query = query.where(period.of_times(event.click_timestamp))
    if links is not None:
        query = query.where(event.tracked_link.isin(links or [""]))
    rows = query.orderby(event.click_timestamp, order=frappe.qb.desc).limit(LATEST).run(as_dict=True)
    return {"counted": len(rows), "parts": told(rows)}


def told(clicks: Sequence[dict]) -> dict[str, list[list]]:
    """Return how many of ``clicks`` came from which country, device and referring host: {part: [[what, number]]}, most first
    and the rest as one row.
    """
    words = {
        "country": (click.country or _("Unknown") for click in clicks),
        "device_type": (_(click.device_type or "Unknown") for click in clicks),
        "referrer": (origin(Utm(), click.referrer or "")[0] or _("None") for click in clicks),
    }
    return {name: _most(values) for name, values in words.items()}


def now() -> dict:
    """Return ``{"minutes", "clicks", "visitors", "latest"}`` of the last 30 minutes, by people.

    minutes: clicks in each, oldest first. latest: the last clicks on links that the user may read, with time (site
    time), link, title, campaign, country and device, and nothing that tells who it was.
    """
    until = now_datetime()
    event = frappe.qb.DocType("Click Event")
    fields = ("click_timestamp", "visitor_id", "tracked_link", "campaign", "country", "device_type")
    query = access.only(frappe.qb.from_(event), event.campaign, event.tracked_link)
    rows = (
        query.select(*(event[name] for name in fields))
        .where(event.click_timestamp > until - timedelta(minutes=NOW_MINUTES))
        .where(event.click_timestamp <= until)
        .where(event.verdict == Verdict.HUMAN.value)
        .orderby(event.click_timestamp, order=frappe.qb.desc)
        .limit(LATEST)
        .run(as_dict=True)
    )
    ago = Counter(int((until - row.click_timestamp).total_seconds() // 60) for row in rows)
    return {
        "minutes": [ago[minute] for minute in reversed(range(NOW_MINUTES))],
        "clicks": len(rows),
        "visitors": len({row.visitor_id for row in rows}),
        "latest": _latest(rows),
    }


def _latest(rows: list[dict]) -> list[dict]:
    names = list({row.tracked_link for row in rows if row.tracked_link})
    found = frappe.get_list(
        "Tracked Link", filters={"name": ("in", names)}, fields=["name", "title"], limit_page_length=0
    )
    titles = {link.name: link.title for link in found}
    shown = [row for row in rows if row.tracked_link in titles][:NOW_CLICKS]
    return [
        {
            "time": row.click_timestamp,
            "link": row.tracked_link,
            "title": titles[row.tracked_link],
            "campaign": row.campaign or "",
            "country": row.country or "",
            "device": _(row.device_type) if row.device_type else "",
        }
        for row in shown
    ]


def _most(values: Iterable[str]) -> list[list]:
    counts = Counter(values)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    rest = sum(number for _value, number in rows[ROWS:])
    return [[*row] for row in rows[:ROWS]] + ([[_("Others"), rest]] if rest else [])
