"""The weeks before the story: clicks of a crowd and of the prospects, with the moments at which they happened.

Frappe's web server can't be told that it is last month. So they are put where TrackFlow keeps clicks while the
database is away, a file in the site's private folder, and go the way of every click from there.
"""

from __future__ import annotations

import fcntl
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from dev.story import plot
from dev.story.browser import headers_of
from dev.story.plot import ADVERT, DEMO, OFFER, POSTER, PRICES, WINTER, Link, Visitor
from dev.story.prospects import PROSPECTS
from dev.story.site_client import Doc

FILE = Path("private", "trackflow_clicks.jsonl")
# As trackflow.click_queue has them.
COLUMNS = (
    "name", "owner", "modified_by", "creation", "modified", "status", "tracked_link", "click_timestamp",
    "visitor_id", "ip_address", "user_agent", "referrer", "utm_parameters", "request_data",
)  # fmt: skip

# How many come on a day without a newsletter, an advert or a fair; and on those with one, by days ago.
QUIET = 1
BUSY = {
    OFFER: {42: 38, 41: 19, 40: 8, 28: 52, 27: 24, 26: 9, 14: 71, 13: 33, 12: 12},
    PRICES: {42: 11, 41: 6, 28: 17, 27: 9, 14: 24, 13: 12, 12: 5},
    POSTER: {22: 9, 21: 27, 20: 34, 19: 18},
    WINTER: {77: 44, 76: 20, 75: 8, 63: 49, 62: 22, 61: 7},
}
# On a working day; more from week to week.
STEADY = {DEMO: (30, 5), ADVERT: (24, 14)}
REFERRERS = {OFFER: "https://mail.google.com/", PRICES: "https://mail.google.com/"}
BROWSERS = (
    [("desktop", "Windows", "Chrome")] * 9
    + [("mobile", "iOS", "Mobile Safari")] * 6
    + [("mobile", "Android", "Chrome Mobile")] * 5
    + [("desktop", "Mac OS X", "Safari")] * 3
    + [("desktop", "Windows", "Edge")] * 2
    + [("desktop", "Linux", "Firefox")]
)
ROBOTS = ("LinkedInBot", "Twitterbot", "bingbot")
# Not the addresses of the people whose names the story knows.
NETWORKS = ("198.18.0", "198.18.1", "198.18.2")


@dataclass(frozen=True)
class Click:
    at: datetime
    link: Link
    who: Visitor
    visitor_id: str
    variant: str = ""


class Crowd:
    """The same people on each run, relative to ``now``."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._chance = random.Random(42)
        self._seen: list[tuple[Visitor, str]] = []

    def clicks(self) -> Iterator[Click]:
        for days in range(80, 0, -1):
            for link in plot.LINKS:
                for _each in range(self._number(link, days)):
                    yield from self._click(link, days)

    def _number(self, link: Link, days: int) -> int:
        if link in STEADY:
            since, number = STEADY[link]
            weekend = (self._now - timedelta(days=days)).weekday() > 4
            growth = 1 + (since - days) / since
            return (
                round(number * growth * self._chance.uniform(0.6, 1.4) / (4 if weekend else 1))
                if days <= since
                else 0
            )
        first = max(BUSY[link])
        return BUSY[link].get(days, self._chance.randint(0, QUIET) if first - 21 < days < first else 0)

    def _click(self, link: Link, days: int) -> Iterator[Click]:
        at = self._moment(days)
        kind = self._chance.random()
        if kind < 0.07:
            robot = Visitor(self._address(), robot=self._chance.choice(ROBOTS))
            yield Click(at, link, robot, visitor_id(at, self._chance))
            return
        who, name = self._somebody(at)
        click = Click(at, link, who, name, self._variant(link, name))
        yield click
        if kind > 0.95:
            yield replace(click, at=at + timedelta(seconds=self._chance.randint(1, 4)))

    def _moment(self, days: int) -> datetime:
        hour = min(22.0, max(6.0, self._chance.gauss(13, 3.5)))
        midnight = datetime.combine(self._now.date(), datetime.min.time())
        return midnight - timedelta(days=days) + timedelta(hours=hour, seconds=self._chance.random() * 60)

    def _somebody(self, at: datetime) -> tuple[Visitor, str]:
        """Every fourth has been here before."""
        if self._seen and self._chance.random() < 0.25:
            return self._chance.choice(self._seen[-200:])
        new = Visitor(self._address(), *self._chance.choice(BROWSERS)), visitor_id(at, self._chance)
        self._seen.append(new)
        return new

    def _address(self) -> str:
        return f"{self._chance.choice(NETWORKS)}.{self._chance.randint(1, 254)}"

    @staticmethod
    def _variant(link: Link, name: str) -> str:
        return link.variants[int(name[-1], 16) % len(link.variants)][0] if link.variants else ""


def visitor_id(at: datetime, chance: random.Random) -> str:
    """As TrackFlow makes them: the moment of the first visit in milliseconds, and 80 random bits."""
    return f"v_{int(at.timestamp() * 1000):012x}{chance.getrandbits(80):020x}"


def of_prospects(now: datetime) -> Iterator[Click]:
    """Each with one id, made at the first click."""
    for prospect in PROSPECTS:
        moments = [
            now - timedelta(days=step.days, minutes=len(prospect.last_name)) for step in prospect.steps
        ]
        known = visitor_id(moments[0], random.Random(prospect.lead["email"]))
        for at, step in zip(moments, prospect.steps, strict=True):
            yield Click(at, step.link, prospect.visitor, known, step.variant)


def is_waiting(site_folder: Path) -> bool:
    """Say whether clicks wait in the site's folder."""
    file = site_folder / FILE
    return file.is_file() and bool(file.read_text().strip())


def write(site_folder: Path, links: dict[str, Doc], now: datetime) -> None:
    """Put the clicks of the weeks before ``now`` (site time) where they wait. links: by title."""
    clicks = sorted([*Crowd(now).clicks(), *of_prospects(now)], key=lambda click: click.at)
    lines = _lines(clicks, links)
    with (site_folder / FILE).open("a") as file:
        # As TrackFlow does, which may be at it.
        fcntl.flock(file, fcntl.LOCK_EX)
        file.writelines(f"\n{line}\n" for line in lines)


def _lines(clicks: Iterable[Click], links: dict[str, Doc]) -> list[str]:
    agents: dict[tuple[str, ...], str] = {}
    lines = []
    for number, click in enumerate(clicks):
        kind = (click.who.device, click.who.os, click.who.browser, click.who.robot)
        if kind not in agents:
            agents[kind] = headers_of(click.who)["User-Agent"]
        row = _row(click, links[click.link.title], agents[kind], number)
        lines.append(json.dumps([row[column] for column in COLUMNS]))
    return lines


def _row(click: Click, link: Doc, user_agent: str, number: int) -> Doc:
    at = click.at.replace(microsecond=number).isoformat(" ")
    return {
        "name": f"{int(click.at.timestamp() * 1_000_000):014x}{number:010x}",
        "owner": "Guest",
        "modified_by": "Guest",
        "creation": at,
        "modified": at,
        "status": "Pending",
        "tracked_link": link["name"],
        "click_timestamp": at,
        "visitor_id": click.visitor_id,
        "ip_address": click.who.address,
        "user_agent": user_agent,
        "referrer": click.link.seen_on or REFERRERS.get(click.link, ""),
        "utm_parameters": json.dumps(_utm(click.link)),
        "request_data": json.dumps(_request(click, link)),
    }


def _utm(link: Link) -> dict[str, str]:
    campaign = link.campaign
    return {
        "source": link.source or (campaign.source if campaign else ""),
        "medium": link.medium or (campaign.medium if campaign else ""),
        "campaign": campaign.name.lower().replace(" ", "-") if campaign else "",
        "term": "",
        "content": link.content,
    }


def _request(click: Click, link: Doc) -> Doc:
    is_ruled = bool(click.link.rules) and click.who.device == "mobile"
    return {
        "code": link["short_code"],
        "campaign": click.link.campaign.name if click.link.campaign else "",
        "page_url": link["short_url"],
        "destination_url": link["target_url"],
        "variant": click.variant,
        "rule": click.link.rules[0]["rule_name"] if is_ruled else "",
        "language": "en",
        "consent": "Not Required",
        "ruling": None,
    }
