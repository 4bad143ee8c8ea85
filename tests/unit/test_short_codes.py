"""Short codes: readable, dictatable, never in the way of the site."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain import short_codes
from trackflow.domain.errors import Refused

LOOK_ALIKES = set("0oO1lIi")
MALFORMED = [
    "",
    " ",
    "a b",
    "abc2345\n",
    "\nabc2345",
    "abc\x00",
    "a" * 65,
    "\u0663\u0664\u0665",
    "\uff11\uff12\uff13",
    "\u00fcber",
    "..",
    "../etc/passwd",
    "..%2f",
    "a/b",
    "a\\b",
    "a.php",
    "%41",
    "<script>",
    "a?b",
    "a#b",
    "caf\u00e9",
    "\ud800",
]


@given(st.integers(-5, 100), st.integers(0, 2**32))
def test_a_generated_code_has_the_length_asked_for_within_the_limits(length, seed):
    code = short_codes.generate(length, random.Random(seed).randrange)
    assert len(code) == min(max(length, short_codes.MIN_LENGTH), short_codes.MAX_LENGTH)


@given(st.integers(0, 2**32))
def test_a_generated_code_is_fit_for_use(seed):
    code = short_codes.generate(short_codes.DEFAULT_LENGTH, random.Random(seed).randrange)
    assert set(code) <= set(short_codes.ALPHABET)
    assert short_codes.check(code) == code


def test_the_alphabet_has_no_look_alikes_and_one_case():
    assert not LOOK_ALIKES & set(short_codes.ALPHABET)
    assert short_codes.ALPHABET.islower()
    assert len(set(short_codes.ALPHABET)) == len(short_codes.ALPHABET) == 31


def test_all_letters_of_the_alphabet_are_used():
    draw = random.Random(1).randrange
    assert set("".join(short_codes.generate(32, draw) for _ in range(50))) == set(short_codes.ALPHABET)


def spelling(*words: str):
    """A stand-in for randbelow that makes generate() spell ``words`` one after the other."""
    letters = iter("".join(words))
    return lambda n: short_codes.ALPHABET.index(next(letters))


@pytest.mark.parametrize("word", ["test", "desk", "apps"])
def test_a_reserved_word_is_never_generated(word):

    assert short_codes.generate(4, spelling(word, word, "x7y9")) == "x7y9"


@pytest.mark.parametrize("code", MALFORMED)
def test_a_malformed_code_is_no_code(code):
    assert not short_codes.is_well_formed(code)
    with pytest.raises(Refused) as refusal:
        short_codes.check(code)
    assert refusal.value.reason == "code_malformed"
    assert len(refusal.value.details["code"]) <= 80


@given(st.text())
def test_check_returns_the_code_or_refuses_it(code):
    try:
        assert short_codes.check(code) == code
    except Refused:
        return
    assert code.isascii() and 0 < len(code) <= 64
    assert code.lower() not in short_codes.RESERVED


@pytest.mark.parametrize("code", ["a", "spring-sale", "SPRING_24", "a" * 64, "2"])
def test_a_code_that_somebody_typed_may_have_dashes_and_capitals(code):
    assert short_codes.check(code) == code


@pytest.mark.parametrize("code", ["api", "API", "Login", "r", "t", "robots", "app", "desk"])
def test_a_reserved_word_is_refused_in_any_case(code):
    with pytest.raises(Refused) as refusal:
        short_codes.check(code)
    assert refusal.value.reason == "code_reserved"
