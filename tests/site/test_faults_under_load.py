"""Services that are away for a while, while people click."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests import harness
from tests.site import factory
from tests.site.factory import DESTINATION, click, make_link
from tests.site.services import local_bench, stopped

pytestmark = local_bench

PEOPLE = 4
SECONDS = 10


@contextmanager
def people_clicking(link) -> Iterator[list[tuple[int, str]]]:
    """(status, location or page) of every click that people make from now on, one after another without a pause."""
    over, answers = threading.Event(), []

    def one_after_another() -> None:
        while not over.is_set():
            response = click(link, harness.http_client())
            answers.append((response.status_code, response.headers.get("Location", response.text)))

    threads = [threading.Thread(target=one_after_another) for _ in range(PEOPLE)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize(
    ("names", "unknown"),
    [
        (("mariadb",), 503),
        (("redis_cache", "redis_queue"), 404),
        (("mariadb", "redis_queue"), 503),
        (("mariadb", "redis_cache", "redis_queue"), 503),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else str(value),
)
def test_every_click_is_answered_and_arrives_although_services_are_away(names, unknown):
    link = make_link()
    click(link)
    with people_clicking(link) as answers:
        time.sleep(1)
        with stopped(*names):
            time.sleep(SECONDS)
            response = harness.http_client().get(f"/r/{factory.unique()}")
            assert response.status_code == unknown
            assert ("Retry-After" in response.headers) == (unknown == 503)
        time.sleep(1)
    assert set(answers) == {(302, DESTINATION)}
    assert len(answers) > PEOPLE * SECONDS
    factory.drain()
    assert [event.verdict for event in factory.events(link)] == ["human"] * (len(answers) + 1)
    assert factory.counters(link) == (len(answers) + 1, len(answers) + 1)
