"""What web processes remember of links: for as long as they may, as much as fits, and each what the others have read."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from trackflow.link_memory import LinkMemory

KEYS = [f"link:{number}".encode() for number in range(6)]


def memory(sets: int = 4, ways: int = 2, slot_bytes: int = 100) -> LinkMemory:
    return LinkMemory(sets, ways, slot_bytes, timedelta(seconds=60))


def test_what_was_noted_is_recalled_until_it_is_too_old():
    remembers = memory()
    assert remembers.recall(KEYS[0], now=1) is None
    remembers.note(KEYS[0], b"old", now=1)
    remembers.note(KEYS[0], b"new", now=10)
    assert remembers.recall(KEYS[0], now=70) == b"new"
    assert remembers.recall(KEYS[0], now=70.1) is None
    assert remembers.recall(KEYS[1], now=10) is None


def test_what_was_noted_longest_ago_makes_room():
    remembers = memory(sets=1, ways=2)
    for at, number in enumerate((0, 1, 0, 2), start=1):
        remembers.note(KEYS[number], b"12345", now=at)
    assert [remembers.recall(key, now=5) for key in KEYS[:3]] == [b"12345", None, b"12345"]


def test_what_is_too_long_takes_the_place_of_what_was_there_and_is_not_kept():
    remembers = memory()
    remembers.note(KEYS[0], b"x" * 68, now=1)
    assert remembers.recall(KEYS[0], now=1) == b"x" * 68, "what just fits"
    remembers.note(KEYS[0], b"x" * 69, now=2)
    assert remembers.recall(KEYS[0], now=2) is None


def test_a_record_that_was_half_written_counts_as_none():
    remembers = memory(sets=1, ways=1)
    remembers.note(KEYS[0], b"a record", now=1)
    remembers._memory[36:38] = b"??"
    assert remembers.recall(KEYS[0], now=1) is None
    remembers.note(KEYS[0], b"a record", now=2)
    assert remembers.recall(KEYS[0], now=2) == b"a record"


def test_processes_that_are_forked_later_share_it():
    remembers = memory()
    remembers.note(KEYS[0], b"parent's", now=1)
    forking = multiprocessing.get_context("fork")
    child = forking.Process(target=lambda: remembers.note(KEYS[1], remembers.recall(KEYS[0], now=1), now=2))
    child.start()
    child.join(30)
    assert remembers.recall(KEYS[1], now=2) == b"parent's"


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.binary(max_size=80))))
def test_what_it_recalls_is_what_was_noted_last(notes):
    remembers, latest = memory(sets=2), {}
    for at, (key, packed) in enumerate(notes, start=1):
        latest[key] = packed if len(packed) <= 68 else b""
        remembers.note(key, packed, now=at / 100)
        assert (remembers.recall(key, now=1) or b"") == latest[key], "the last one always fits"
    assert all(remembers.recall(key, now=1) in (None, value) for key, value in latest.items())
