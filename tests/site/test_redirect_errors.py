"""A mistake of ours in the redirect: the visitor sees a page of ours, and somebody can find out what failed."""

from __future__ import annotations

import pickle

import frappe
import pytest

from tests.site import factory
from tests.site.factory import click, make_link
from trackflow import links

TITLE = "A request to a short link failed"


@pytest.fixture
def broken_link():
    """A link whose record in the cache is none, as a version of the code that does not fit would leave it."""
    link = make_link()
    key = frappe.cache.make_key(links._link_key(link.short_code))
    frappe.cache.set(key, pickle.dumps(f"no link {link.name}"))
    yield link
    frappe.cache.delete(key)


def errors_since(moment):
    frappe.db.commit()
    return frappe.get_all(
        "Error Log",
        {"method": TITLE, "creation": (">=", moment)},
        ["error"],
        order_by="creation asc",
    )


def test_an_error_of_ours_is_not_called_an_outage_and_is_recorded(broken_link, http):
    began = frappe.utils.now()
    for response in (
        click(broken_link),
        http.post(f"/r/{broken_link.short_code}", data={"password": "pssst"}),
    ):
        assert response.status_code == 500
        assert "Retry-After" not in response.headers
        assert response.headers["Cache-Control"] == "no-store, private"
        assert "an error on our side" in response.text
        assert "Traceback" not in response.text
    logged = errors_since(began)
    assert len(logged) == 2
    assert all("AttributeError" in one.error for one in logged)
    assert not any("pssst" in one.error for one in logged), "what a visitor types is nobody's business"


def test_links_work_again_when_the_mistake_is_gone(broken_link):
    assert click(broken_link).status_code == 500
    factory.change(broken_link, title="New")
    assert click(broken_link).status_code == 302
