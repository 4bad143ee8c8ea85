"""Short codes: generated ones, typed ones, and many at once."""

from __future__ import annotations

import re

import frappe
import pytest

from tests.site import factory
from tests.site.factory import DESTINATION, make_link, unique
from trackflow import jobs, links
from trackflow.domain import short_codes


def new_codes(number):
    return [make_link().short_code for _ in range(number)]


def test_generated_codes_have_seven_characters_without_look_alikes():
    for code in new_codes(30):
        assert re.fullmatch(r"[2-9a-z]{7}", code)
        assert not set(code) & set("01lio")


def test_generated_codes_are_as_long_as_the_settings_say():
    with factory.settings(short_code_length=12):
        assert {len(code) for code in new_codes(5)} == {12}


def test_without_generated_codes_one_has_to_be_typed():
    with factory.settings(auto_generate_short_codes=0):
        with pytest.raises(frappe.ValidationError, match="Enter a short code"):
            make_link()
        assert make_link(short_code=unique()).name


def make_one(_):
    return frappe.get_doc(doctype="Tracked Link", destination_url=DESTINATION).insert().short_code


def test_twenty_people_who_create_links_at_once_get_twenty_codes():
    with factory.settings(short_code_length=4):
        codes = factory.in_threads(make_one, range(20))
    assert len(set(codes)) == 20
    assert {len(code) for code in codes} == {4}
    assert frappe.db.count("Tracked Link", {"short_code": ("in", codes)}) == 20


@pytest.fixture
def few_codes(monkeypatch):
    """16 codes of 4 letters are all there are, so that collisions are certain."""
    monkeypatch.setattr(short_codes, "ALPHABET", "xz")
    existing = {"short_code": ("like", "____"), "destination_url": DESTINATION + "?few"}
    with factory.settings(short_code_length=4):
        yield
    for name in frappe.get_all("Tracked Link", existing, pluck="name"):
        frappe.delete_doc("Tracked Link", name)
    frappe.db.commit()


# MariaDB may end one of two who wait for each other's codes; that one tries again, as Frappe asks.
@jobs.retried
def make_one_of_few(_):
    doc = frappe.get_doc(doctype="Tracked Link", destination_url=DESTINATION + "?few").insert()
    return doc.short_code, doc.title, doc.short_code in doc.short_url


def test_a_code_that_somebody_else_took_in_the_meantime_is_replaced(few_codes):
    made = factory.in_threads(make_one_of_few, range(10))
    assert len({code for code, _, _ in made}) == 10
    # Each link got its title, its short URL and its QR code after the code that it has in the end.
    assert all(code == title and in_url for code, title, in_url in made)


def test_when_no_code_is_free_a_sentence_says_what_to_do(few_codes):
    with pytest.raises(frappe.ValidationError, match=r"Make the short code length .* larger"):
        for _ in range(17):
            make_one_of_few(None)
            frappe.db.commit()
    frappe.db.rollback()


# ---------------------------------------------------------------- codes that somebody types


@pytest.mark.parametrize("start", ["a", "Spring_Sale-24", "x" * 50])
def test_codes_of_up_to_64_letters_digits_hyphens_and_underscores_can_be_typed(start, http):
    code = f"{start}{unique()}"
    assert make_link(short_code=code).short_code == code
    assert http.get(f"/r/{code}").status_code == 302


@pytest.mark.parametrize("code", ["a b", "a/b", "ümlaut", "a.b", "x" * 65, "%2e", "a?b", "<b>"])
def test_a_code_that_cannot_stand_in_a_url_is_refused_in_a_sentence(code):
    with pytest.raises(frappe.ValidationError, match=r"can't be used. Use 1 to 64 letters \(a to z\)"):
        make_link(short_code=code)


@pytest.mark.parametrize("code", ["admin", "API", "Login", "r", "robots"])
def test_reserved_words_are_refused_in_a_sentence(code):
    with pytest.raises(frappe.ValidationError, match=f"The short code {code} is reserved"):
        make_link(short_code=code)


@pytest.mark.parametrize("change_case", [str, str.upper, str.lower], ids=["same", "upper", "lower"])
def test_a_code_that_is_taken_is_refused_in_a_sentence_whatever_its_case(change_case):
    code = unique("Taken")
    make_link(short_code=code)
    with pytest.raises(frappe.UniqueValidationError):
        make_link(short_code=change_case(code))
    assert "Short Code must be unique" in str(frappe.message_log)
    frappe.db.rollback()
    assert frappe.db.count("Tracked Link", {"short_code": code}) == 1


def test_a_link_cannot_be_changed_to_a_code_that_is_taken():
    first, second = make_link(), make_link()
    with pytest.raises(frappe.UniqueValidationError):
        factory.change(second, short_code=first.short_code)
    frappe.db.rollback()
    assert frappe.db.get_value("Tracked Link", second.name, "short_code") == second.short_code
    assert factory.click(second).status_code == 302


@pytest.mark.parametrize("in_cache", [True, False], ids=["cached", "not cached"])
def test_where_case_matters_a_code_in_another_case_is_another_code(http, in_cache):
    code = f"{factory.unique('Case')}-aB"
    make_link(short_code=code)
    other = code.swapcase()
    assert http.get(f"/r/{other}").status_code == 302
    with factory.settings(case_sensitive_codes=1):
        if not in_cache:
            frappe.cache.delete(frappe.cache.make_key(links._link_key(code)))
        for wrong in (other, code.lower(), code.upper()):
            assert http.get(f"/r/{wrong}").status_code == 404
            assert http.get(f"/r/{wrong}+").status_code == 404
        assert http.get(f"/r/{code}").status_code == 302
        # A code stays unique whatever its case, so that the setting can be changed back.
        with pytest.raises(frappe.ValidationError):
            make_link(short_code=other)
    frappe.db.rollback()
    assert http.get(f"/r/{other}").status_code == 302
