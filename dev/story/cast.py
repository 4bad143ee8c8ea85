"""Who plays: staff who are logged in, and visitors with browsers of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dev.story import plot, prospects
from dev.story.browser import PREFETCH, Browser
from dev.story.plot import Link, Visit, Visitor
from dev.story.site_client import Doc, Site, StoryError, wait_for


@dataclass
class Cast:
    """Who is logged in, the links they work with (by title), and the visitors' browsers."""

    admin: Site
    manager: Site
    salesperson: Site
    links: dict[str, Doc] = field(default_factory=dict)
    browsers: dict[Visitor, Browser] = field(default_factory=dict)
    # Of the site, where it lies on this machine.
    folder: Path | None = None

    def short_url(self, link: Link) -> str:
        return self.links[link.title]["short_url"]

    @property
    def link_names(self) -> list[str]:
        return [link["name"] for link in self.links.values()]


def follow(cast: Cast, visit: Visit) -> None:
    """A prefetch is refused, so that the real click comes through later; all others are sent on."""
    is_prefetch = visit.verdict == "prefetch"
    for _click in range(visit.clicks):
        answer = browser_of(cast, visit.who).click(
            cast.short_url(visit.link), visit.link.seen_on, **(PREFETCH if is_prefetch else {})
        )
        expected = 503 if is_prefetch else 302
        if answer.status_code != expected:
            raise StoryError(f"{answer.url} answered {answer.status_code} where {expected} was expected.")


def browser_of(cast: Cast, visitor: Visitor) -> Browser:
    """The one that the visitor has used before; the cookie outlives an interruption of the story, too."""
    if visitor not in cast.browsers:
        ids = [one["visitor_id"] for one in _events(cast) if one["ip_address"] == visitor.address]
        known = next(filter(None, ids), "")
        cast.browsers[visitor] = Browser(visitor, cast.manager.url, known)
    return cast.browsers[visitor]


def wait_until_counted(cast: Cast) -> None:
    pending = {"status": "Pending", "tracked_link": ("in", cast.link_names)}
    wait_for("The end of the click queue", lambda: not cast.admin.count("Click Queue", pending))


def recorded(cast: Cast) -> set[tuple[str, str, str]]:
    """(address, link, verdict) of the clicks so far. Addresses are for administrators' eyes only."""
    return {(event["ip_address"], event["tracked_link"], event["verdict"]) for event in _events(cast)}


def _events(cast: Cast) -> list[Doc]:
    named = [*(visit.who for visit in plot.VISITS), *(one.visitor for one in prospects.PROSPECTS)]
    addresses = [visitor.address for visitor in named]
    own = {"tracked_link": ("in", cast.link_names), "ip_address": ("in", addresses)}
    return cast.admin.rows("Click Event", own, ["ip_address", "tracked_link", "verdict", "visitor_id"])


def key(cast: Cast, visit: Visit) -> tuple[str, str, str]:
    return visit.who.address, cast.links[visit.link.title]["name"], visit.verdict
