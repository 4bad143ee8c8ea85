"""Countries: of visitors for targeting rules, and of clicks."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path

import frappe
import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from tests.site import factory
from tests.site.factory import DESTINATION, make_link

GERMAN, AUSTRIAN, NOWHERE = "203.0.113.9", "2001:db8::9", "198.51.100.9"
RULED = "https://rule.example/"


def write_database(path, kind="GeoLite2-Country", **networks):
    """A MaxMind database; networks by the two letters of their country. Replaced at once, as updaters do it."""
    writer = MMDBWriter(6, kind, ipv4_compatible=True)
    for letters, network in networks.items():
        writer.insert_network(IPSet([network]), {"country": {"iso_code": letters}})
    fresh = Path(f"{path}.new")
    writer.to_db_file(str(fresh))
    fresh.replace(path)
    return str(path)


@pytest.fixture
def database(tmp_path):
    return write_database(tmp_path / "countries.mmdb", DE="203.0.113.0/24", AT="2001:db8::/32")


@contextmanager
def countries(path, **values):
    """Let the site use a country database, and believe what the tests say of their address."""
    with factory.settings(geoip_database=path, trusted_proxies="127.0.0.1, ::1", **values):
        yield


def goes_to(link, address):
    return factory.click(link, X_Forwarded_For=address).headers["Location"]


def ruled_link(country="Germany, at"):
    return make_link(targeting_rules=[{"country": country, "destination_url": RULED}])


def summary(link):
    return frappe.get_doc("Tracked Link", link.name).targeting_rules[0].summary


@pytest.mark.parametrize("kind", ["GeoLite2-Country", "GeoIP2-City", "GeoIP2-Enterprise"])
def test_visitors_of_a_country_go_where_its_rule_says(tmp_path, kind):
    path = write_database(tmp_path / "kind.mmdb", kind, DE="203.0.113.0/24", AT="2001:db8::/32")
    with countries(path):
        link = ruled_link()
        assert link.targeting_rules[0].country == "DE, AT"
        assert summary(link) == "country DE, AT"
        assert [goes_to(link, one) for one in (GERMAN, AUSTRIAN, NOWHERE)] == [RULED, RULED, DESTINATION]


def test_without_a_database_the_rule_is_skipped_and_says_so():
    with countries(""):
        frappe.clear_messages()
        link = ruled_link()
        assert "Rules with a country are skipped" in str(frappe.get_message_log())
        assert summary(link) == "country DE, AT (skipped: no country database)"
        assert goes_to(link, GERMAN) == DESTINATION


def test_a_database_that_disappears_or_breaks_stops_no_redirect(database):
    with countries(database):
        link = ruled_link()
        Path(database).write_bytes(b"no database")
        assert goes_to(link, GERMAN) == DESTINATION
        Path(database).unlink()
        assert goes_to(link, GERMAN) == DESTINATION
        assert "skipped" in summary(link)
        write_database(database, DE="203.0.113.0/24")


def test_a_new_version_of_the_database_is_used_at_once(database):
    with countries(database):
        link = ruled_link()
        assert goes_to(link, NOWHERE) == DESTINATION
        write_database(database, DE="198.51.100.0/24")
        os.utime(database)
        assert goes_to(link, NOWHERE) == RULED


def test_the_rule_goes_by_the_whole_address_and_the_click_by_what_is_kept_of_it(tmp_path):
    path = write_database(tmp_path / "narrow.mmdb", DE="203.0.113.9/32", FR="203.0.113.0/29")
    with countries(path, anonymize_ip_addresses=1):
        link = ruled_link()
        assert goes_to(link, GERMAN) == RULED
        event = factory.event_of(link)
    assert (event.ip_address, event.country) == ("203.0.113.0", "FR")


def test_clicks_have_a_country_where_there_is_a_database(database):
    link, other = make_link(), make_link()
    with countries(database):
        goes_to(link, AUSTRIAN)
        assert factory.event_of(link).country == "AT"
    with countries(""):
        goes_to(other, AUSTRIAN)
        assert factory.event_of(other).country == ""


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: str(folder / "missing.mmdb"), "There is no file"),
        (lambda folder: str(folder), "There is no file"),
        (lambda folder: _text_file(folder), "can't be read as a MaxMind database"),
        (
            lambda folder: write_database(folder / "asn.mmdb", "GeoLite2-ASN"),
            "is a GeoLite2-ASN, which knows no",
        ),
    ],
    ids=["missing", "folder", "text", "wrong kind"],
)
def test_what_is_no_country_database_is_refused_in_a_sentence(tmp_path, make, sentence):
    with pytest.raises(frappe.ValidationError, match=sentence), countries(make(tmp_path)):
        pass


def _text_file(folder):
    (folder / "text.mmdb").write_text("hello")
    return str(folder / "text.mmdb")


def test_an_uploaded_database_is_found_by_its_address(database):
    content = Path(database).read_bytes()
    name = f"{factory.unique('countries')}.mmdb"
    uploaded = frappe.get_doc(doctype="File", file_name=name, content=content, is_private=1).insert()
    frappe.db.commit()
    with countries(uploaded.file_url):
        assert goes_to(ruled_link(), GERMAN) == RULED
