"""QR codes lead to the short URL, also after the domain has changed."""

import frappe
import pytest

from tests.site import factory
from tests.site.factory import make_link
from trackflow import short_urls


@pytest.fixture
def other_domain(site):
    with factory.short_domain(domain="qr.example.com", is_primary=1) as domain:
        yield domain


def test_stored_codes_follow_the_domain(site, other_domain):
    link = make_link()
    other_domain.ssl_enabled = 0
    other_domain.save()
    frappe.db.commit()
    short_urls.redraw_qr_codes()
    stored = frappe.db.get_value("Tracked Link", link.name, "qr_code")
    assert stored == short_urls.qr_svg(f"http://qr.example.com/r/{link.short_code}")


def test_the_codes_of_one_address_are_alike_and_those_of_two_are_not():
    assert short_urls.qr_svg("https://a.example/r/x") == short_urls.qr_svg("https://a.example/r/x")
    assert short_urls.qr_svg("https://a.example/r/x") != short_urls.qr_svg("https://b.example/r/x")


def test_a_png_is_a_png(site):
    assert short_urls.qr_png("https://a.example/r/x").startswith(b"\x89PNG")
