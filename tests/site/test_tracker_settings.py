"""The tracker in TrackFlow Settings: what to put into pages, and whether they tell of themselves."""

from __future__ import annotations

import frappe
import pytest
from frappe.utils import now_datetime

from tests import harness
from tests.site import factory
from tests.site.factory import new_visitor
from tests.site.page_views import recorded, tell
from trackflow.api import tracker as api

pytestmark = pytest.mark.usefixtures("websites")


def test_settings_take_host_names_alone():
    with factory.settings(websites="https://Blog.example/post\nwww.shop.example") as doc:
        assert doc.websites == "blog.example\nwww.shop.example"
    with (
        pytest.raises(frappe.ValidationError, match="shop example"),
        factory.settings(websites="shop example"),
    ):
        pass


def test_status_tells_of_the_last_page_view(page):
    entered = {
        "event_type": "Page View",
        "page_url": "https://www.shop.example/entered",
        "timestamp": now_datetime(),
    }
    for name in ("0f", "ff"):
        doc = frappe.get_doc(doctype="Visitor Event", visitor=new_visitor(), **entered)
        doc.name = factory.unique(name)
        doc.db_insert()
    tell(page)
    frappe.db.commit()
    told = api.status()
    assert told["last"]["page_url"] == page
    assert told["last"]["seconds"] < 60
    recorded(page)
    assert api.status()["last"]["page_url"] == page


def test_snippet_leads_to_the_script():
    with factory.short_domain(is_primary=1, ssl_enabled=1) as domain:
        snippet = api.status()["snippet"]
    assert snippet.startswith(
        f'<script async defer src="https://{domain.name}/assets/trackflow/js/tracker.js?v='
    )
    path = snippet.partition(domain.name)[2].partition('"')[0]
    script = harness.http_client().get(path)
    assert script.status_code == 200
    assert "trackflow.api.tracker.page_view" in script.text
    assert len(script.content) < 6_000


def test_only_who_may_read_the_settings_asks_for_the_status(new_client):
    assert new_client().get("/api/method/trackflow.api.tracker.status").status_code == 403


def test_pages_of_this_site_carry_the_tracker_where_the_settings_say_so(new_client):
    def carries(path):
        return "/assets/trackflow/js/tracker.js?v=" in new_client().get(path).text

    assert not carries("/login")
    with factory.settings(track_own_pages=1):
        assert carries("/login")
    assert not carries("/login")
