"""The figures of the workspace."""

from __future__ import annotations

import frappe

from tests.site import factory
from trackflow.api import clicks as api


def counted():
    rows = frappe.get_all("Click Daily Total", fields=["clicks", "bot_clicks"], order_by="name asc")
    return sum(row.clicks for row in rows), sum(row.bot_clicks for row in rows)


def test_human_share_falls_with_robots(site):
    link = factory.make_link()
    factory.put_clicks(link, [factory.new_visitor()])
    factory.drain()
    before = api.human_share()["value"]
    assert 0 < before <= 100
    human, _bots = counted()
    factory.put_clicks(link, [factory.new_visitor() for _each in range(human)], user_agent=factory.GOOGLEBOT)
    factory.drain()
    frappe.db.commit()
    assert api.human_share()["value"] < before
