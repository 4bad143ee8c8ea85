"""What the form of TrackFlow Settings can try out."""

from __future__ import annotations

import json

import frappe
import pytest

from tests.site import factory
from tests.site.test_countries import write_database
from trackflow.api import settings as api

METHOD = "/api/method/trackflow.api.settings.seen_address"


@pytest.fixture
def manager(new_client):
    return new_client().login()


def seen(client, proxies, ranges=(), **headers):
    params = {"trusted_proxies": proxies, "internal_ranges": json.dumps(list(ranges))}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.request("GET", METHOD, params=params, headers=named).json()["message"]


def test_address_is_seen_through_trusted_proxies_alone(manager):
    header = {"X_Forwarded_For": "203.0.113.9"}
    trusting = seen(manager, "127.0.0.0/8", ["203.0.113.0/24"], **header)
    assert (trusting["address"], trusting["is_internal"]) == ("203.0.113.9", True)
    assert trusting["peer"].startswith("127.")
    assert trusting["is_trusted"]
    wary = seen(manager, "", ["203.0.113.0/24"], **header)
    assert (wary["address"], wary["is_internal"]) == (wary["peer"], False)
    assert not wary["is_trusted"]


def test_ranges_that_are_none_are_explained(manager):
    assert "192.0.2.0/99" in seen(manager, "", ["192.0.2.0/99"])["problem"]
    assert "nonsense" in seen(manager, "nonsense")["problem"]


def test_database_says_where_a_known_address_is(site, tmp_path):
    path = write_database(tmp_path / "us.mmdb", US="8.8.8.0/24")
    assert api.known_country(path) == {"address": "8.8.8.8", "country": "US", "problem": ""}
    elsewhere = write_database(tmp_path / "de.mmdb", DE="203.0.113.0/24")
    assert "does not know 8.8.8.8" in api.known_country(elsewhere)["problem"]


def test_database_that_is_not_there_is_explained(site):
    assert "first" in api.known_country("")["problem"]
    answer = api.known_country(f"/nowhere/{factory.unique()}.mmdb")
    assert "/nowhere/" in answer["problem"]
    assert answer["country"] == ""


def test_only_who_may_change_the_settings_tries_them_out(site):
    frappe.set_user("Guest")
    try:
        for call in (api.seen_address, api.known_country):
            with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
                call()
    finally:
        frappe.set_user("Administrator")
