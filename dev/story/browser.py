"""A visitor's browser: its user agent, its address, its cookies."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import crawleruseragents
import requests
from fake_useragent.utils import load as load_user_agents

from dev.story.plot import Visitor
from dev.story.site_client import TIMEOUT, StoryError, explain

VISITOR_COOKIE = "trackflow_visitor"
# What Chrome sends when it fetches a link before anybody has clicked it (Fetch standard).
PREFETCH = {"Sec-Purpose": "prefetch"}

_CSRF_TOKEN = re.compile(r'csrf_token = "(\w+)"')
_ACCEPT = "/api/method/frappe.website.doctype.web_form.web_form.accept"


class Browser:
    """Sends what a browser sends.

    X-Forwarded-For stands for the proxy before a real site: TrackFlow believes it because the request comes
    from a proxy that its settings trust, by default this machine.
    """

    def __init__(self, visitor: Visitor, site_url: str, visitor_id: str = "") -> None:
        """With ``visitor_id`` the browser has been here before and still has the cookie."""
        self.session = requests.Session()
        self.session.headers.update(headers_of(visitor))
        self._site_url = site_url
        if visitor_id:
            host = urlsplit(site_url).hostname or ""
            self.session.cookies.set(VISITOR_COOKIE, visitor_id, domain=host, path="/")

    def click(self, short_url: str, seen_on: str = "", **headers: str) -> requests.Response:
        """Follow a short link as far as its answer: where it leads to may be on the internet."""
        sent = {"Referer": seen_on} if seen_on else {}
        return self.session.get(short_url, headers=sent | headers, allow_redirects=False, timeout=TIMEOUT)

    def open(self, url: str) -> requests.Response:
        page = self.session.get(url, timeout=TIMEOUT)
        if not page.ok:
            raise StoryError(f"GET {url}: {explain(page)}")
        return page

    def submit(self, page: requests.Response, form: str, values: dict[str, str]) -> str:
        """Send a web form as Frappe's own script on that page does; return the name of the new document."""
        token = _CSRF_TOKEN.search(page.text)
        headers = {"Referer": page.url, "X-Requested-With": "XMLHttpRequest"}
        if token and token[1] != "None":
            headers["X-Frappe-CSRF-Token"] = token[1]
        answer = self.session.post(
            self._site_url + _ACCEPT,
            data={"web_form": form, "data": json.dumps(values | {"web_form_name": form})},
            headers=headers,
            timeout=TIMEOUT,
        )
        if not answer.ok:
            raise StoryError(f"The web form {form} was refused: {explain(answer)}")
        return answer.json()["message"]["name"]


def headers_of(visitor: Visitor) -> dict[str, str]:
    user_agent = _robot(visitor.robot) if visitor.robot else _browser(visitor)
    return {"User-Agent": user_agent, "X-Forwarded-For": visitor.address, "Accept-Language": "en"}


def _browser(visitor: Visitor) -> str:
    """The most frequent user agent of its kind among those that fake-useragent has seen in the real world."""
    wanted = (visitor.device, visitor.os, visitor.browser)
    seen = [one for one in load_user_agents() if (one["type"], one["os"], one["browser"]) == wanted]
    if not seen:
        raise StoryError(f"fake-useragent knows no {' '.join(wanted)} any more.")
    return max(seen, key=lambda one: one["percent"])["useragent"]


def _robot(name: str) -> str:
    """A string that this robot really sends, from the list of crawler-user-agents."""
    for crawler in crawleruseragents.CRAWLER_USER_AGENTS_DATA:
        if crawler["pattern"] == name and crawler["instances"]:
            return crawler["instances"][0]
    raise StoryError(f"crawler-user-agents knows no {name} any more.")
