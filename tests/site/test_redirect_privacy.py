"""Consent, opting out, anonymised addresses, and whose address it is."""

from __future__ import annotations

import pytest

from tests.site import factory
from tests.site.factory import CHROME, FIREFOX, click, make_link

VISITOR = "203.0.113.77"
CONSENT = {"cookie_consent_required": 1}


def row_of(link, **headers):
    """The Click Queue row of one click on ``link``."""
    assert click(link, **headers).status_code == 302
    return factory.queued(link)[-1]


# ---------------------------------------------------------------- consent


def test_without_consent_there_is_no_cookie_where_it_is_required():
    with factory.settings(**CONSENT):
        response = click(link := make_link())
    assert response.status_code == 302
    assert "Set-Cookie" not in response.headers
    assert factory.event_of(link).consent == "Unknown"


def test_with_consent_there_is_a_cookie():
    with factory.settings(**CONSENT):
        response = click(link := make_link(), Cookie="trackflow_consent=granted")
    assert "trackflow_visitor=" in response.headers["Set-Cookie"]
    assert factory.event_of(link).consent == "Granted"


@pytest.mark.parametrize("settings", [CONSENT, {}], ids=["required", "not required"])
def test_a_no_to_the_banner_is_always_a_no(settings):
    with factory.settings(**settings):
        response = click(link := make_link(), Cookie="trackflow_consent=denied")
    assert "Set-Cookie" not in response.headers
    assert factory.event_of(link).consent == "Denied"


def test_an_old_cookie_is_not_used_without_consent():
    old, link = factory.new_visitor(), make_link()
    with factory.settings(**CONSENT):
        row = row_of(link, Cookie=f"trackflow_visitor={old}")
    assert row.visitor_id != old


def test_without_consent_a_visitor_is_the_same_all_day_and_others_are_others():
    link = make_link()
    with factory.settings(**CONSENT):
        same = [row_of(link, X_Forwarded_For=VISITOR, User_Agent=CHROME).visitor_id for _ in range(3)]
        other_address = row_of(link, X_Forwarded_For="203.0.113.78", User_Agent=CHROME).visitor_id
        other_browser = row_of(link, X_Forwarded_For=VISITOR, User_Agent=FIREFOX).visitor_id
    assert len(set(same)) == 1
    assert len({*same, other_address, other_browser}) == 3


def test_without_consent_the_address_is_kept_anonymised_only():
    link = make_link()
    with factory.settings(**CONSENT):
        assert row_of(link, X_Forwarded_For=VISITOR).ip_address == "203.0.113.0"


@pytest.mark.parametrize("header", [{"Sec_GPC": "1"}, {"DNT": "1"}], ids=str)
@pytest.mark.parametrize(
    "settings", [{"gdpr_compliance_enabled": 1}, CONSENT], ids=["gdpr", "consent required"]
)
def test_privacy_headers_count_as_a_no(header, settings):
    link = make_link()
    with factory.settings(**settings):
        response = click(link, Cookie="trackflow_consent=granted", **header)
    assert "Set-Cookie" not in response.headers
    assert factory.event_of(link).consent == "Denied"


# ---------------------------------------------------------------- opting out, internal traffic, no tracking


def test_who_opted_out_leaves_an_event_and_no_trace():
    link = make_link()
    response = click(link, Cookie=f"trackflow_opt_out=1; trackflow_visitor={factory.new_visitor()}")
    assert (response.status_code, response.headers.get("Set-Cookie")) == (302, None)
    event = factory.event_of(link)
    assert (event.verdict, event.visitor_id, event.session) == ("opted_out", None, None)
    assert event.ip_address == "127.0.0.0"
    assert factory.counters(link) == (0, 0)


def test_internal_addresses_are_recorded_and_not_counted():
    link = make_link()
    with factory.settings(internal_ranges=["203.0.113.0/25", "2001:db8::/32"]):
        for address in (VISITOR, "2001:db8::1", "203.0.113.200"):
            row_of(link, X_Forwarded_For=address)
    factory.drain()
    assert [event.verdict for event in factory.events(link)] == ["internal", "internal", "human"]
    assert factory.counters(link) == (1, 1)


def test_internal_ranges_count_only_while_they_are_switched_on():
    link = make_link()
    with factory.settings(internal_ranges=["203.0.113.0/25"], exclude_internal_traffic=0):
        assert row_of(link, X_Forwarded_For=VISITOR).request_data["ruling"] is None


def test_with_tracking_switched_off_links_work_and_nothing_is_recorded():
    link = make_link()
    with factory.settings(enable_tracking=0):
        response = click(link)
    assert (response.status_code, response.headers.get("Set-Cookie")) == (302, None)
    assert factory.queued(link) == []


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize("setting", ["anonymize_ip_addresses", "gdpr_compliance_enabled"])
def test_addresses_are_anonymised_before_anything_is_written(setting):
    link = make_link()
    with factory.settings(**{setting: 1}):
        v4 = row_of(link, X_Forwarded_For=VISITOR)
        v6 = row_of(link, X_Forwarded_For="2001:db8:1:2:3:4:5:6")
    assert (v4.ip_address, v6.ip_address) == ("203.0.113.0", "2001:db8:1::")
    factory.drain()
    kept = {event.ip_address for event in factory.events(link)}
    assert kept == {"203.0.113.0", "2001:db8:1::"}
    assert VISITOR not in str([factory.queued(link), factory.events(link)])


def test_the_address_comes_through_the_trusted_proxy():
    assert row_of(make_link(), X_Forwarded_For=VISITOR).ip_address == VISITOR


def test_what_a_visitor_puts_into_x_forwarded_for_is_not_believed():
    row = row_of(make_link(), X_Forwarded_For=f"10.0.0.1, 8.8.8.8, {VISITOR}")
    assert row.ip_address == VISITOR


def test_only_trusted_proxies_are_looked_behind():
    link = make_link()
    with factory.settings(trusted_proxies="127.0.0.0/8, 203.0.113.0/24"):
        assert row_of(link, X_Forwarded_For=f"198.51.100.9, {VISITOR}").ip_address == "198.51.100.9"
    with factory.settings(trusted_proxies="10.0.0.0/8"):
        assert row_of(link, X_Forwarded_For=VISITOR).ip_address == "127.0.0.1"


@pytest.mark.parametrize("rubbish", ["unknown", "' OR 1=1 --", ",,,", "999.1.1.1", "x" * 4000])
def test_rubbish_in_x_forwarded_for_leaves_the_proxys_address(rubbish):
    assert row_of(make_link(), X_Forwarded_For=rubbish).ip_address == "127.0.0.1"


def test_a_forged_internal_address_does_not_hide_a_click():
    link = make_link()
    with factory.settings(internal_ranges=["10.0.0.0/8"]):
        assert row_of(link, X_Forwarded_For=f"10.0.0.1, {VISITOR}").request_data["ruling"] is None
