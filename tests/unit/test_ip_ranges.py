"""Addresses: the visitor's own, and how much of it may be kept."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.errors import Refused
from trackflow.domain.ip_ranges import (
    anonymize,
    client_address,
    contains,
    parse_address,
    parse_range,
    parse_ranges,
)

PROXIES = parse_ranges("10.0.0.0/8, 2001:db8:ffff::/48")
NOBODY = ()
addresses = st.ip_addresses()


def test_without_trusted_proxies_forwarded_for_is_ignored():
    assert client_address("203.0.113.9", "1.2.3.4", NOBODY) == ip_address("203.0.113.9")


def test_a_stranger_can_not_forge_an_address_past_no_proxy():
    assert client_address("203.0.113.9", "1.2.3.4", PROXIES) == ip_address("203.0.113.9")


@given(st.lists(st.one_of(addresses.map(str), st.text(max_size=20)), max_size=6))
def test_whatever_a_visitor_forges_the_proxy_reports_the_address_it_saw(forged):
    header = ", ".join([*forged, "203.0.113.9"])
    assert client_address("10.0.0.1", header, PROXIES) == ip_address("203.0.113.9")


@pytest.mark.parametrize(
    ("remote", "forwarded_for", "expected"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.9, 10.0.0.3, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9,10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "  203.0.113.9  ", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.9, 10.0.0.8", "10.0.0.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4, unknown", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4, 10.0.0.2 OR 1=1", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4,", "10.0.0.1"),
        ("2001:db8:ffff::1", "2001:db8:1::7", "2001:db8:1::7"),
        ("2001:db8:ffff::1", "[2001:db8:1::7]", "2001:db8:1::7"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", None, "203.0.113.9"),
        ("fe80::1%eth0", None, "fe80::1"),
    ],
)
def test_the_chain_is_read_from_the_right_while_proxies_are_trusted(remote, forwarded_for, expected):
    assert client_address(remote, forwarded_for, PROXIES) == ip_address(expected)


@pytest.mark.parametrize("remote", [None, "", "unix:", "not an address", "10.0.0.1:x"])
def test_without_a_peer_address_nobody_is_believed(remote):
    assert client_address(remote, "1.2.3.4", PROXIES) is None


@given(st.text(), st.text())
def test_no_header_makes_client_address_raise(remote, forwarded_for):
    client_address(remote, forwarded_for, PROXIES)
    client_address("10.0.0.1", forwarded_for, PROXIES)


@given(st.none() | st.text())
def test_parse_address_never_raises(text):
    assert parse_address(text) is None or str(parse_address(text))


@given(addresses)
def test_an_address_is_read_back(address):
    assert parse_address(f" {address} ") == (getattr(address, "ipv4_mapped", None) or address)


@pytest.mark.parametrize("text", ["", "256.1.1.1", "1.2.3", "010.0.0.1", "\uff11.2.3.4", "1.2.3.4.5", "::g"])
def test_what_is_no_address_is_none(text):
    assert parse_address(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("203.0.113.9", "203.0.113.9/32"),
        (" 2001:db8::/32 ", "2001:db8::/32"),
        ("::1", "::1/128"),
    ],
)
def test_a_range_is_an_address_or_a_network(text, expected):
    assert parse_range(text) == ip_network(expected)


@given(st.text())
def test_a_range_is_parsed_or_refused(text):
    try:
        parse_range(text)
    except Refused as refusal:
        assert refusal.reason == "ip_range"


@pytest.mark.parametrize("text", ["10.0.0.0/33", "all", "10.0.0.*", "10.0.0.1-10.0.0.9"])
def test_a_range_in_another_notation_is_refused(text):
    with pytest.raises(Refused):
        parse_ranges(f"192.168.0.0/16, {text}")


@pytest.mark.parametrize("separator", [",", " ", "\n", ", ", ";", "\r\n"])
def test_ranges_are_separated_by_commas_spaces_or_lines(separator):
    assert parse_ranges(f"{separator}10.0.0.0/8{separator}::1{separator}") == (
        ip_network("10.0.0.0/8"),
        ip_network("::1/128"),
    )


def test_no_ranges_contain_nothing_and_nothing_is_in_no_range():
    assert parse_ranges("") == ()
    assert not contains((), ip_address("10.0.0.1"))
    assert not contains(PROXIES, None)


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.255.255.255", True),
        ("11.0.0.0", False),
        ("9.255.255.255", False),
        ("2001:db8:ffff:1::1", True),
        ("2001:db8:fffe::", False),
        ("::ffff:10.0.0.1", True),
    ],
)
def test_a_range_contains_its_addresses_and_no_others(address, inside):
    assert contains(PROXIES, parse_address(address)) is inside


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.255", "203.0.113.0"),
        ("203.0.113.0", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("2001:db8:1:ffff:ffff:ffff:ffff:ffff", "2001:db8:1::"),
        ("::1", "::"),
    ],
)
def test_an_anonymised_address_lacks_the_last_octet_or_80_bits(address, kept):
    assert anonymize(ip_address(address)) == ip_address(kept)


def test_a_v4_address_in_v6_clothing_is_anonymised_as_v4():
    assert anonymize(parse_address("::ffff:203.0.113.9")) == ip_address("203.0.113.0")


def test_no_address_stays_no_address():
    assert anonymize(None) is None


@given(st.ip_addresses(v=4), st.integers(0, 255))
def test_256_neighbours_share_one_anonymised_v4_address(address, last):
    neighbour = IPv4Address(int(address) >> 8 << 8 | last)
    assert anonymize(address) == anonymize(neighbour) == anonymize(anonymize(address))


@given(st.ip_addresses(v=6), st.integers(0, 2**80 - 1))
def test_a_whole_v6_site_shares_one_anonymised_address(address, host):
    neighbour = IPv6Address(int(address) >> 80 << 80 | host)
    assert anonymize(address) == anonymize(neighbour)
    assert int(anonymize(address)) >> 80 == int(address) >> 80


@pytest.mark.parametrize("text", ["203.0.113.7:4711", "203.0.113.7", "[::ffff:203.0.113.7]:4711"])
def test_an_address_may_have_a_port(text):
    assert str(parse_address(text)) == "203.0.113.7"


def test_a_range_of_wrapped_addresses_holds_the_unwrapped_ones():
    assert contains([parse_range("::ffff:10.0.0.0/104")], parse_address("10.1.2.3"))
