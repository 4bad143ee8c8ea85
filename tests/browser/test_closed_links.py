"""What a visitor sees where no link is, or none that is open."""

from __future__ import annotations

import pytest

from tests.browser import helpers
from tests.site import factory

SIZES = {"desktop": helpers.DESKTOP, "phone": helpers.PHONE}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("fields", "status", "title"),
    [
        (None, 404, "Link not found"),
        ({"expiry_date": "2020-01-01 00:00:00"}, 410, "Link expired"),
        ({"status": "Paused"}, 410, "Link paused"),
    ],
    ids=["unknown", "expired", "paused"],
)
def test_page_says_what_is_the_matter(new_page, shot, size, fields, status, title):
    code = factory.unique("none") if fields is None else factory.make_link(**fields).short_code
    visitor = helpers.as_visitor(new_page())
    visitor.set_viewport_size(SIZES[size])
    answer = visitor.goto(f"/r/{code}")
    assert answer.status == status
    assert visitor.title() == title
    assert visitor.get_by_role("heading").inner_text() == title
    # Nothing sticks out at the side.
    assert visitor.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shot(visitor, f"{title.lower().replace(' ', '-')}-{size}")


def test_closed_link_goes_to_its_fallback(new_page):
    link = factory.make_link(status="Paused", fallback_url=f"{factory.harness.URL}/login")
    visitor = helpers.as_visitor(new_page())
    visitor.goto(f"/r/{link.short_code}")
    assert "/login" in visitor.url
