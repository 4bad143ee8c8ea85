"""Consent: who may be given a cookie."""

from itertools import product

import pytest

from trackflow.domain.consent import Consent, Signals, decide

GRANTED, DENIED = Consent.GRANTED, Consent.DENIED
NOT_REQUIRED, UNKNOWN = Consent.NOT_REQUIRED, Consent.UNKNOWN

# (required, honour_headers, browser said no, cookie) -> consent. All 24 of them.
TABLE = {
    (False, False, False, None): NOT_REQUIRED,
    (False, False, False, "granted"): NOT_REQUIRED,
    (False, False, False, "denied"): DENIED,
    (False, False, True, None): NOT_REQUIRED,
    (False, False, True, "granted"): NOT_REQUIRED,
    (False, False, True, "denied"): DENIED,
    (False, True, False, None): NOT_REQUIRED,
    (False, True, False, "granted"): NOT_REQUIRED,
    (False, True, False, "denied"): DENIED,
    (False, True, True, None): DENIED,
    (False, True, True, "granted"): DENIED,
    (False, True, True, "denied"): DENIED,
    (True, False, False, None): UNKNOWN,
    (True, False, False, "granted"): GRANTED,
    (True, False, False, "denied"): DENIED,
    (True, False, True, None): DENIED,
    (True, False, True, "granted"): DENIED,
    (True, False, True, "denied"): DENIED,
    (True, True, False, None): UNKNOWN,
    (True, True, False, "granted"): GRANTED,
    (True, True, False, "denied"): DENIED,
    (True, True, True, None): DENIED,
    (True, True, True, "granted"): DENIED,
    (True, True, True, "denied"): DENIED,
}
HEADERS = [(True, False), (False, True), (True, True)]


def test_the_table_is_complete():
    assert set(TABLE) == set(
        product([False, True], [False, True], [False, True], [None, "granted", "denied"])
    )


@pytest.mark.parametrize(("case", "expected"), TABLE.items())
def test_consent_is_decided_after_the_table(case, expected):
    required, honour_headers, said_no, cookie = case
    for gpc, dnt in HEADERS if said_no else [(False, False)]:
        signals = Signals(cookie=cookie, global_privacy_control=gpc, do_not_track=dnt)
        assert decide(signals, required=required, honour_headers=honour_headers) is expected


@pytest.mark.parametrize("cookie", ["", "yes", "GRANTED", "granted ", "1"])
def test_a_cookie_that_says_anything_else_is_no_consent(cookie):
    assert decide(Signals(cookie=cookie), required=True, honour_headers=False) is UNKNOWN


def test_a_cookie_is_set_only_with_consent_or_where_none_is_needed():
    assert {consent for consent in Consent if consent.allows_cookie} == {NOT_REQUIRED, GRANTED}
