"""A small load generator: keep-alive connections that ask for one path as fast as the answers come."""

import http.client
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit


def requests_per_second(
    url: str, requests: int, connections: int, expected: int, headers: Callable[[int], dict[str, str]]
) -> float:
    """Return how many requests a second ``url`` answered with the status ``expected``.

    ``requests`` are shared among ``connections`` threads; ``headers`` gives those of each by its number. Raises
    RuntimeError at any other status.
    """
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    share, failures = requests // connections, []

    def ask(first: int) -> None:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        for number in range(first, first + share):
            connection.request("GET", path, headers=headers(number))
            response = connection.getresponse()
            response.read()
            if response.status != expected:
                failures.append(response.status)
        connection.close()

    threads = [threading.Thread(target=ask, args=(number * share,)) for number in range(connections)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    if failures:
        raise RuntimeError(f"{url}: {len(failures)} answers were not {expected} but {set(failures)}")
    return share * connections / seconds
